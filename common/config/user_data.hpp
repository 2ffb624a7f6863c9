// The cloud-init user_data of a node: host name, name servers, where slurm.conf comes from, and
// what the site adds. It can be read by every process on the node: no secret belongs in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tidepool {

struct UserDataRequest {
  std::string node;              // becomes the host name
  std::vector<std::string> dns;  // empty: the image's own
  std::string slurm_conf;        // whole text for /etc/slurm/slurm.conf; empty: not written
  std::string conf_server;       // host[:port] for slurmd's --conf-server; empty: not written
  bool dynamic = false;          // slurm.conf does not name the node: slurmd's -Z
  std::string guest;             // guest_script()'s text; empty: none
  std::string own;               // the pool's user_data file; its kind is told by its first line
};

// The MIME type that cloud-init would take `text` for, by its first line; invalid: none.
Result<std::string_view> user_data_kind(std::string_view text);
// True when the text seems to carry a munge key: it writes munge.key with content of its own.
bool holds_munge_key(std::string_view text);

// A MIME multi-part text when there is something besides the cloud-config, else one cloud-config.
// A cloud-config of the site's is merged by cloud-init so that lists (write_files, runcmd) are
// appended to ours and our own keys stay; cloud-init's default would replace our write_files.
// invalid: more than Nova takes (65535 bytes in base64), an own part of unknown kind, or a value
// that cannot be written down safely (a name with a quote in it, say).
Result<std::string> build_user_data(const UserDataRequest& request);

}  // namespace tidepool
