#pragma once
#include <cstddef>
#include <string>

// Random identifiers in the shapes the services use. Thread-safe.
namespace tidepool::sim {

std::string uuid();                         // "d308f744-043a-4cfa-a59f-c78b7e5bb61f"
std::string hex_id();                       // 32 hex digits: keystone's ids
std::string random_text(std::size_t size);  // letters and digits: passwords, reservation ids
std::string token_text();                   // looks like a Fernet token
std::string mac_address();                  // "fa:16:3e:..": neutron's base_mac

// 56 hex digits, the same for the same (host, project): nova's hostId.
std::string host_id(const std::string& host, const std::string& project);

bool looks_like_uuid(const std::string& text);

}  // namespace tidepool::sim
