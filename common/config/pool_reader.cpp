#include "config/pool_reader.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/file.hpp"
#include "base/hostlist.hpp"
#include "config/guest_script.hpp"
#include "config/user_data.hpp"

namespace tidepool {
namespace {

constexpr std::array kOnSuspend{OnSuspend::remove, OnSuspend::stop, OnSuspend::shelve,
                                OnSuspend::suspend};

template <typename T, std::size_t N>
bool word_to(const std::string& word, const std::array<T, N>& values, T& into) {
  for (const auto value : values) {
    if (to_string(value) != word) continue;
    into = value;
    return true;
  }
  return false;
}

template <typename T, std::size_t N>
std::string words(const std::array<T, N>& values) {
  std::string all;
  for (const auto value : values) all += (all.empty() ? "" : ", ") + std::string(to_string(value));
  return all;
}

// RFC 1123's host names, which slurm.conf's NodeName should be too.
bool host_name(const std::string& name) {
  if (name.empty() || name.size() > 63 || !std::isalnum(static_cast<unsigned char>(name.front())) ||
      !std::isalnum(static_cast<unsigned char>(name.back())))
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

// The command that makes a guest hibernate: an argument vector, as no shell reads it.
void read_hibernate_command(YamlReader& r, HoldSection& hold) {
  constexpr const char* kKey = "hibernate_command";
  constexpr const char* kExample = "as in [ssh, 'root@{address}', tidepool-hibernate]";
  r.texts("hibernate_command", hold.hibernate_command);
  if (!r.has(kKey)) return;
  const auto& argv = hold.hibernate_command;
  if (r.node(kKey).IsSequence() && (argv.empty() || argv.front().empty()))
    return r.fault(kKey, "names no program", kExample);
  if (argv.size() == 1 && argv.front().find(' ') != std::string::npos)
    return r.fault(kKey, "is one word with blanks in it",
                   fmt::format("write a list, {}", kExample));
  if (!argv.empty() && argv.front().find('/') != std::string::npos && argv.front().front() != '/')
    return r.fault(kKey, fmt::format("'{}' is a relative path", argv.front()),
                   "write a full path, or a name that is in the PATH");
  for (const auto& word : argv) {
    for (auto at = word.find('{'); at != std::string::npos; at = word.find('{', at + 1)) {
      const std::string_view rest = std::string_view(word).substr(at);
      if (!rest.starts_with("{node}") && !rest.starts_with("{address}"))
        return r.fault(kKey,
                       fmt::format("'{}' has a brace that is no {{node}} or {{address}}", word),
                       "those two are replaced; no others are known");
    }
  }
}

void read_hold_times(YamlReader& r, HoldSection& hold) {
  r.duration("action_timeout", hold.action_timeout, Millis(1000));
  r.duration("return_timeout", hold.return_timeout, Millis(1000));
  r.duration("hibernate_timeout", hold.hibernate_timeout, Millis(1000));
  read_hibernate_command(r, hold);
}

void read_hold(const YAML::Node& node, const std::string& path, HoldSection& hold,
               YamlFaults& faults) {
  YamlReader r(node, path, faults);
  hold.given = true;
  if (auto modes = read_modes(r, "mode"); r.has("mode")) hold.modes = std::move(modes);
  hold.allow = read_modes(r, "allow");
  r.flag("owner_may_refuse", hold.owner_may_refuse);
  r.flag("preemptible", hold.preemptible);
  if (r.has("max_held")) {
    Millis longest{0};
    r.duration("max_held", longest, Millis(1000));
    hold.max_held = longest;
  } else {
    r.node("max_held");  // a known key all the same
  }
  std::string then;
  r.text("then", then);
  if (!then.empty() && then != "requeue")
    r.fault("then", fmt::format("'{}' is not known", then), "use requeue");
  read_hold_times(r, hold);
  r.finish();
}

std::vector<std::string> read_names(YamlReader& r) {
  std::string text;
  r.required("nodes", "the node names, as in nodes: osg-[001-200]");
  r.text("nodes", text);
  if (text.empty()) return {};
  if (const auto at = find_uneven_padding(text); at != std::string_view::npos) {
    r.fault("nodes",
            fmt::format("'{}' pads the ends of a range differently at character {}", text, at + 1),
            "write as many digits on both sides, as in osg-[001-010]");
    return {};
  }
  auto names = expand_hostlist(text, kMaxNodes);
  if (!names) {
    r.fault("nodes", names.error().message);
    return {};
  }
  std::set<std::string> seen;
  for (const auto& name : *names) {
    if (!host_name(name)) {
      r.fault("nodes", fmt::format("'{}' is not a host name", name), "use letters, digits and -");
      return {};
    }
    if (!seen.insert(name).second) {
      r.fault("nodes", fmt::format("'{}' is listed twice", name));
      return {};
    }
  }
  return std::move(*names);
}

// The addresses for `count` nodes; empty after a fault.
std::vector<Ipv4> read_addresses(YamlReader& r, std::size_t count, Pool& pool) {
  std::string text;
  r.text("addresses", text);
  if (text.empty()) return {};
  if (text.find('/') != std::string::npos) {
    auto cidr = Cidr::parse(text);
    if (!cidr) return r.fault("addresses", cidr.error().message), std::vector<Ipv4>{};
    auto usable = cidr->usable(count);
    if (usable.size() < count) {
      r.fault("addresses",
              fmt::format("{} has {} usable addresses for {} nodes", text, usable.size(), count),
              "use a larger network or fewer nodes");
      return {};
    }
    if (!pool.cidr) pool.cidr = *cidr;
    return usable;
  }
  auto list = expand_addresses(text, kMaxNodes);
  if (!list) return r.fault("addresses", list.error().message), std::vector<Ipv4>{};
  if (count == 0) return {};  // the names are at fault, which has been said
  if (list->size() != count) {
    r.fault("addresses", fmt::format("{} addresses for {} nodes", list->size(), count),
            "they are paired in order, so their numbers must be equal");
    return {};
  }
  return std::move(*list);
}

void read_nodes(YamlReader& r, Pool& pool) {
  if (r.has("subnet")) {
    std::string text;
    r.text("subnet", text);
    if (auto cidr = Cidr::parse(text))
      pool.cidr = *cidr;
    else if (!text.empty())
      r.fault("subnet", cidr.error().message);
  } else {
    r.node("subnet");
  }
  std::string how;
  r.text("address", how);
  pool.dhcp = how == "dhcp";
  if (!how.empty() && !pool.dhcp)
    r.fault("address", fmt::format("'{}' is not known", how),
            "write address: dhcp, or addresses: LIST");
  if (pool.dhcp && r.has("addresses"))
    r.fault("addresses", "cannot be given together with address: dhcp", "keep one of them");
  if (!r.has("address"))
    r.required("addresses", "as in addresses: 10.10.1.[1-200]; or write address: dhcp");
  const auto names = read_names(r);
  const auto addresses = read_addresses(r, names.size(), pool);
  for (std::size_t i = 0; i < names.size(); ++i) {
    PoolNode node{names[i], std::nullopt};
    if (i < addresses.size()) {
      node.address = addresses[i];
      const bool host =
          !pool.cidr || (pool.cidr->contains(addresses[i]) &&
                         (pool.cidr->prefix() > 30 || (addresses[i] != pool.cidr->network() &&
                                                       addresses[i] != pool.cidr->broadcast())));
      if (!host) {
        r.fault("addresses", fmt::format("{} is not a host address of {}", addresses[i].str(),
                                         pool.cidr->str()));
        break;
      }
    }
    pool.nodes.push_back(std::move(node));
  }
}

void read_user_data(YamlReader& r, const std::string& path, Pool& pool, YamlFaults& faults) {
  r.path("user_data", pool.user_data);
  if (pool.user_data.empty()) return;
  // Nova takes 65535 bytes of base64, and what tidepool adds needs room too.
  std::size_t most = 48'000;
  if (pool.guest.hibernate == GuestHibernate::prepare)
    most -= guest_script(pool.guest.swap_mib).size() + 500;
  const auto text = read_file(pool.user_data, most);
  if (!text)
    return r.fault("user_data", text.error().message,
                   text.error().kind == ErrorKind::invalid
                       ? pool.guest.hibernate == GuestHibernate::prepare
                             ? "Nova takes 65535 bytes after encoding, and guest: {hibernate: "
                               "true} needs its share; or prepare the image and write hibernate: "
                               "image"
                             : "Nova takes 65535 bytes after encoding"
                       : "the file must exist and be readable by SlurmUser");
  if (auto kind = user_data_kind(*text); !kind)
    r.fault("user_data", pool.user_data.string() + ": " + kind.error().message);
  if (holds_munge_key(*text))
    faults.warn(r.mark("user_data"), path + ".user_data",
                pool.user_data.string() + " looks as if it carried a munge key",
                "every process on a node can read user_data: put the key into the image");
}

// A word that goes into slurm.conf and must stay one there.
void check_words(YamlReader& r, const char* key, const std::vector<std::string>& words) {
  for (const auto& word : words)
    if (!std::all_of(word.begin(), word.end(), [](unsigned char c) {
          return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
        }))
      r.fault(key, fmt::format("'{}' cannot be written into slurm.conf", word),
              "use letters, digits and - _ . :");
}

Pool read_pool(const std::string& name, const YAML::Node& node, const Policy& policy,
               YamlFaults& faults) {
  const std::string path = "pools." + name;
  Pool pool;
  pool.name = name;
  pool.policy = policy;
  YamlReader r(node, path, faults);
  read_nodes(r, pool);
  r.required("network", "name or id of the Neutron network");
  r.required("flavor", "name or id of the Nova flavor");
  r.required("image", "name or id of the Glance image");
  r.text("network", pool.network);
  r.text("flavor", pool.flavor);
  r.text("image", pool.image);
  r.text("partition", pool.partition);
  r.text("key_name", pool.key_name);
  r.text("availability_zone", pool.availability_zone);
  r.texts("security_groups", pool.security_groups);
  r.flag("config_drive", pool.config_drive);
  r.texts("features", pool.features);
  if (!pool.partition.empty()) check_words(r, "partition", {pool.partition});
  check_words(r, "features", pool.features);
  if (const auto n = r.node("guest"); n.IsDefined())
    read_guest(n, path + ".guest", pool.guest, faults);
  read_user_data(r, path, pool, faults);
  std::string on_suspend;
  r.text("on_suspend", on_suspend);
  if (!on_suspend.empty() && !word_to(on_suspend, kOnSuspend, pool.on_suspend))
    r.fault("on_suspend", fmt::format("'{}' is not known", on_suspend), "use " + words(kOnSuspend));
  if (const auto n = r.node("hold"); n.IsDefined()) read_hold(n, path + ".hold", pool.hold, faults);
  if (const auto n = r.node("policy"); n.IsDefined())
    read_policy(n, path + ".policy", pool.policy, faults);
  r.finish();
  return pool;
}

}  // namespace

std::vector<HoldMode> read_modes(YamlReader& r, const char* key) {
  std::vector<std::string> texts;
  r.texts(key, texts);
  std::vector<HoldMode> modes;
  for (const auto& word : texts) {
    if (const auto mode = hold_mode(word))
      modes.push_back(*mode);
    else
      r.fault(key, fmt::format("'{}' is not a hold mode", word), "use " + hold_mode_words());
  }
  if (texts.empty() && r.has(key) && r.node(key).IsSequence())
    r.fault(key, "is empty", "name at least one of " + hold_mode_words());
  if (modes.size() != texts.size() || modes.empty()) return modes;
  // Known words in a wrong order, or one twice.
  if (const auto list = parse_hold_modes(format_hold_modes(modes)); !list)
    r.fault(key, list.error().message);
  return modes;
}

void read_policy(const YAML::Node& node, const std::string& path, Policy& p, YamlFaults& faults) {
  YamlReader r(node, path, faults);
  r.flag("all_or_nothing", p.all_or_nothing);
  r.duration("cool_off", p.cool_off, Millis(1000));
  r.duration("cool_off_max", p.cool_off_max, Millis(1000));
  if (p.cool_off_max < p.cool_off)
    r.fault("cool_off_max",
            fmt::format("{} is less than cool_off, {}", format_duration(p.cool_off_max),
                        format_duration(p.cool_off)));
  r.duration("boot_timeout", p.boot_timeout, Millis(0));
  r.duration("give_up_after", p.give_up_after, Millis(0));
  r.integer("protect_after", p.protect_after, 0, 100'000);
  r.duration("protected_for", p.protected_for, Millis(1000));
  r.duration("orphan_grace", p.orphan_grace, Millis(0));
  r.duration("poll", p.poll, Millis(100));
  r.duration("poll_idle", p.poll_idle, Millis(100));
  r.finish();
}

void read_pools(const YAML::Node& node, PoolFile& file, YamlFaults& faults) {
  YamlReader r(node, "pools", faults);
  std::map<std::string, std::string> name_owner;
  std::map<Ipv4, std::string> address_owner;
  std::size_t total = 0;
  r.each([&](const std::string& name, const YAML::Node& value) {
    const std::string path = "pools." + name;
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) || c == '-' || c == '_';
        }))
      faults.add(value.Mark(), path, "is not a pool name", "use letters, digits, - and _");
    Pool pool = read_pool(name, value, file.policy, faults);
    pool.line = r.key_line(name);
    total += pool.nodes.size();
    if (total > kMaxNodes) {
      faults.add(value.Mark(), path, fmt::format("more than {} nodes in all pools", kMaxNodes));
      return;
    }
    const auto place = [&](const char* key) {
      return value.IsMap() && value[key] ? value[key].Mark() : value.Mark();
    };
    for (const auto& n : pool.nodes) {
      const auto [it, fresh] = name_owner.emplace(n.name, name);
      if (fresh) continue;
      faults.add(place("nodes"), path + ".nodes",
                 fmt::format("node {} is in pool {} too", n.name, it->second),
                 "a node belongs to one pool");
      break;
    }
    for (const auto& n : pool.nodes) {
      if (!n.address) continue;
      const auto [it, fresh] = address_owner.emplace(*n.address, n.name);
      if (fresh) continue;
      faults.add(place("addresses"), path + ".addresses",
                 fmt::format("address {} belongs to node {} too", n.address->str(), it->second),
                 "an address belongs to one node");
      break;
    }
    file.pools.push_back(std::move(pool));
  });
  if (file.pools.empty() && node.IsMap())
    faults.add(node.Mark(), "pools", "is empty", "name at least one pool");
}

}  // namespace tidepool
