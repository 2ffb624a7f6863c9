#include "config/user_data.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tidepool {
namespace {

// cloud-init tells a part by its first line.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kKinds{{
    {"## template: jinja", "text/jinja2"},
    {"#cloud-config", "text/cloud-config"},
    {"#cloud-boothook", "text/cloud-boothook"},
    {"#include", "text/x-include-url"},
    {"#!", "text/x-shellscript"},
}};
// Nova's limit on the field, which is base64: 4 characters for 3 bytes.
constexpr std::size_t kMostEncoded = 65'535;
// How cloud-init is to merge a cloud-config into those before it.
constexpr std::string_view kMerge =
    "Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n";

// A YAML block scalar. The indentation indicator ("|2") is given, because a first line that begins
// with blanks would set a wrong one.
std::string block(std::string_view text, std::size_t indent) {
  std::string out = "|2\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out.append(indent, ' ').append(text.substr(at, end - at));
    out += '\n';
    at = end + 1;
  }
  return out;
}

std::string file_entry(std::string_view path, std::string_view text) {
  return fmt::format("  - path: {}\n    permissions: '0644'\n    content: {}", path,
                     block(text, 6));
}

std::string cloud_config(const UserDataRequest& r) {
  std::string out = fmt::format("#cloud-config\nhostname: {}\npreserve_hostname: false\n", r.node);
  std::string files;
  if (!r.dns.empty()) {
    std::string resolv;
    for (const auto& server : r.dns) resolv += "nameserver " + server + "\n";
    files += file_entry("/etc/resolv.conf", resolv);
  }
  if (!r.slurm_conf.empty()) files += file_entry("/etc/slurm/slurm.conf", r.slurm_conf);
  // -N: the node's name whatever the image's host name is. -b: slurmd reports its own start as the
  // boot time, for a node that was put away and brought back, as slurmctld ignores registrations
  // that say they booted before it asked.
  // -Z: it does not look for itself in slurm.conf, and without it ends when it is not there.
  const std::string server = r.conf_server.empty() ? "" : "--conf-server " + r.conf_server + " ";
  const std::string options =
      fmt::format("SLURMD_OPTIONS=\"{}{}-N {} -b\"\n", server, r.dynamic ? "-Z " : "", r.node);
  files += file_entry("/etc/default/slurmd", options);    // Debian's unit reads this one,
  files += file_entry("/etc/sysconfig/slurmd", options);  // that of RPMs the other
  return out + "write_files:\n" + files;
}

// Bytes that would end a quoted word, a line of slurmd's options file, or a YAML scalar.
bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == ',';
  });
}

// YAML has no escape for these in a block scalar.
bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f);
  });
}

struct Part {
  std::string_view type, name, headers;
  const std::string& body;
};

std::string multipart(const std::vector<Part>& parts) {
  std::string boundary = "==tidepool-part==";
  while (std::any_of(parts.begin(), parts.end(),
                     [&](const Part& p) { return p.body.find(boundary) != std::string::npos; }))
    boundary += "=";
  std::string out = fmt::format(
      "Content-Type: multipart/mixed; boundary=\"{}\"\nMIME-Version: 1.0\n\n", boundary);
  for (const auto& p : parts)
    out += fmt::format(
        "--{}\nContent-Type: {}; charset=\"utf-8\"\nMIME-Version: 1.0\n{}"
        "Content-Disposition: attachment; filename=\"{}\"\n\n{}\n",
        boundary, p.type, p.headers, p.name, p.body);
  return out + fmt::format("--{}--\n", boundary);
}

}  // namespace

Result<std::string_view> user_data_kind(std::string_view text) {
  for (const auto& [begin, kind] : kKinds)
    if (text.starts_with(begin)) return kind;
  return fail(ErrorKind::invalid,
              "its first line does not tell cloud-init what it is; begin it with "
              "#cloud-config, #! or '## template: jinja'");
}

bool holds_munge_key(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (low.find("munge.key") == std::string::npos) return false;
  // chown munge /etc/munge/munge.key is harmless; a long word without blanks is key material.
  std::size_t run = 0;
  for (const unsigned char c : low) {
    run = std::isalnum(c) || c == '+' || c == '/' || c == '=' ? run + 1 : 0;
    if (run >= 40) return true;
  }
  return false;
}

Result<std::string> build_user_data(const UserDataRequest& request) {
  if (request.node.empty() || !plain(request.node))
    return fail(ErrorKind::invalid,
                fmt::format("user_data: '{}' is not a node name", request.node));
  if (!plain(request.conf_server))
    return fail(ErrorKind::invalid,
                fmt::format("user_data: '{}' is not HOST[:PORT]", request.conf_server));
  for (const auto& server : request.dns)
    if (!plain(server))
      return fail(ErrorKind::invalid, fmt::format("user_data: '{}' is not a name server", server));
  if (!printable(request.slurm_conf))
    return fail(ErrorKind::invalid, "user_data: slurm.conf has control characters");
  std::string text = cloud_config(request);
  const std::string ours = text;
  std::vector<Part> parts{{"text/cloud-config", "tidepool", "", ours}};
  if (!request.own.empty()) {
    auto kind = user_data_kind(request.own);
    if (!kind) return fail(Error(kind.error()).context("user_data"));
    parts.push_back({*kind, "site", kMerge, request.own});
  }
  // A script of its own, which no cloud-config can replace. cloud-init runs scripts in their names'
  // order: the site's first.
  if (!request.guest.empty())
    parts.push_back({"text/x-shellscript", "tidepool-guest", "", request.guest});
  if (parts.size() > 1) text = multipart(parts);
  const std::size_t encoded = (text.size() + 2) / 3 * 4;
  if (encoded > kMostEncoded)
    return fail(
        ErrorKind::invalid,
        fmt::format("user_data has {} bytes after encoding; Nova takes {}", encoded, kMostEncoded));
  return text;
}

}  // namespace tidepool
