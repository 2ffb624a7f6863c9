// Probe's senses: what the limits, placement and the guest say.
#include <fmt/format.h>
#include <algorithm>

#include "work/probe.hpp"
#include "work/probe_address.hpp"

namespace tidepool {
namespace {

// FNV-1a: the same text gives the same word in every build.
std::string fingerprint(const std::vector<std::string>& lines) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const auto& line : lines)
    for (const char c : line + "\n") {
      hash ^= static_cast<unsigned char>(c);
      hash *= 1099511628211ull;
    }
  return fmt::format("{} servers, {:016x}", lines.size(), hash);
}

struct Listing {
  std::string others, status, address;
};

Listing read_listing(const std::vector<openstack::Server>& servers, const std::string& own) {
  Listing listing;
  std::vector<std::string> lines;
  for (const auto& server : servers) {
    if (server.id != own) {
      lines.push_back(server.id + " " + server.status);
      continue;
    }
    listing.status = server.status;
    if (!server.addresses.empty()) listing.address = server.addresses.front();
  }
  std::sort(lines.begin(), lines.end());
  listing.others = fingerprint(lines);
  return listing;
}

}  // namespace

// nullopt: the cloud does not say; that is no reason to end the probe.
Task<Result<std::optional<ProbeMoment>>> Probe::look() {
  for (int tries = 0; tries < 5; ++tries) {
    ProbeMoment moment;
    auto seen = co_await look_once(moment);
    if (!seen && seen.error().kind == ErrorKind::auth) co_return tl::unexpected(seen.error());
    if (seen && *seen) co_return std::optional<ProbeMoment>(std::move(moment));
    if (auto napped = co_await patience_.nap(Millis(1000)); !napped)
      co_return tl::unexpected(napped.error());
  }
  co_return std::optional<ProbeMoment>();
}

// false: other servers changed while it looked.
Task<Result<bool>> Probe::look_once(ProbeMoment& moment) {
  auto first = co_await cloud_.compute().list_servers();
  if (!first) co_return tl::unexpected(first.error());
  auto limits = co_await cloud_.compute().limits();
  if (!limits) co_return tl::unexpected(limits.error());
  auto second = co_await cloud_.compute().list_servers();
  if (!second) co_return tl::unexpected(second.error());
  const Listing listing = read_listing(*first, server_);
  if (listing.others != read_listing(*second, server_).others) co_return false;
  moment.status = listing.status;
  moment.address = listing.address;
  moment.others = listing.others;
  moment.limits = *limits;
  co_await read_placement(moment);
  co_return true;
}

Task<void> Probe::read_placement(ProbeMoment& moment) {
  if (!report_.placement_note.empty()) co_return;
  auto held = co_await cloud_.placement().allocations(last_server_);
  if (held) {
    moment.placement = *held;
  } else if (!held.error().retryable()) {
    report_.placement_note = "not visible to this project";
    if (held.error().kind != ErrorKind::forbidden)
      report_.placement_note += ": " + held.error().message;
  }
}

Task<Result<void>> Probe::hear_guest() {
  if (settings_.guest_wait == Millis(0) || server_.empty()) co_return Result<void>{};
  // It has its time once; a guest that has never spoken is not waited for again.
  const bool first = !guest_asked_;
  guest_asked_ = true;
  if (!first && !guest_speaks_) co_return Result<void>{};
  if (first) settings_.progress("waiting for the guest to speak on its console");
  const Time end = now() + settings_.guest_wait;
  while (true) {
    auto text = co_await cloud_.compute().console_log(server_, 100);
    if (text) {
      if (auto mark = last_guest_mark(*text)) {
        mark_ = std::move(mark);
        guest_speaks_ = true;
        co_return Result<void>{};
      }
    }
    if (now() >= end) co_return Result<void>{};
    if (auto napped = co_await patience_.nap(Millis(1000)); !napped) co_return napped;
  }
}

Task<Result<std::optional<bool>>> Probe::hear_guest_again() {
  if (!mark_) co_return std::optional<bool>();
  const Time end = now() + settings_.guest_wait;
  while (true) {
    auto text = co_await cloud_.compute().console_log(server_, 100);
    if (text) {
      const auto mark = last_guest_mark(*text);
      if (const auto kept = guest_went_on(*mark_, mark)) {
        mark_ = mark;
        co_return kept;
      }
    }
    if (now() >= end) co_return std::optional<bool>();
    if (auto napped = co_await patience_.nap(Millis(1000)); !napped)
      co_return tl::unexpected(napped.error());
  }
}

}  // namespace tidepool
