#include "work/slurm_side.hpp"

#include <fmt/format.h>

#include "base/hostlist.hpp"

namespace tidepool {

Result<std::vector<NodeRecord>> SlurmSide::records_to_tell() {
  auto records = s_.store.nodes();
  if (records) std::erase_if(*records, [&](const NodeRecord& r) { return held_.contains(r.name); });
  return records;
}

Task<Result<void>> SlurmSide::round() {
  auto records = records_to_tell();
  if (!records) co_return tl::unexpected(records.error());
  if (auto done = co_await tell_addresses(*records); !done) co_return done;
  if (auto done = co_await tell_down(*records); !done) co_return done;
  if (auto done = co_await tell_usable(*records); !done) co_return done;
  co_return co_await watch_boots(*records);
}

Task<Result<void>> SlurmSide::tell_addresses(const std::vector<NodeRecord>& records) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& r : records) {
    if (!announce_.contains(r.name) || r.failure || r.wanted != Wanted::present) continue;
    std::string address = r.address;
    if (const auto found = s_.pools.find(r.name);
        address.empty() && found.node && found.node->address)
      address = found.node->address->str();
    if (!address.empty()) pairs.emplace_back(r.name, std::move(address));
  }
  std::set<std::string> told;
  for (const auto& [name, address] : pairs) told.insert(name);
  auto done = co_await s_.controller.set_addresses(pairs);
  if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
  if (!done) {
    // One node that slurmctld does not know (made by hand before slurm.conf has it, say) spoils
    // the whole update: each gets its own, and that one is left out.
    for (const auto& pair : pairs) {
      const std::vector<std::pair<std::string, std::string>> single(1, pair);
      auto one = co_await s_.controller.set_addresses(single);
      if (one) continue;
      log_error(LogLevel::warning, "slurmctld would not take an address", one.error(),
                {{"node", pair.first}});
      told.erase(pair.first);
      announce_.erase(pair.first);
    }
  }
  for (const auto& name : told) announce_.erase(name);
  if (!told.empty())
    log_event(LogLevel::info, "slurmctld told addresses",
              {{"nodes", format_hostlist({told.begin(), told.end()})}});
  co_return Result<void>{};
}

Task<Result<void>> SlurmSide::tell_down(const std::vector<NodeRecord>& records) {
  std::map<std::string, std::vector<NodeRecord>> by_reason;
  for (const auto& r : records)
    if (r.tell == Tell::down && r.failure) by_reason["tidepool: " + r.failure->text].push_back(r);
  for (auto& [reason, nodes] : by_reason) {
    std::vector<std::string> names;
    for (const auto& r : nodes) names.push_back(r.name);
    auto done = co_await s_.controller.set_down(names, reason);
    // A node that slurmctld refuses or does not know cannot be told: say so and go on.
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    note(s_.store, done ? LogLevel::info : LogLevel::error,
         {"", done ? "slurmctld told: down" : "slurmctld would not take it down",
          format_hostlist(names) + ": " + (done ? reason : done.error().message), "", ""});
    for (const auto& r : nodes) {
      auto fresh = s_.store.node(r.name);
      if (!fresh) co_return tl::unexpected(fresh.error());
      if (!*fresh || (*fresh)->fresh_want() || (*fresh)->tell != Tell::down) continue;
      (*fresh)->tell = Tell::nothing;
      if (auto saved = s_.store.save(**fresh); !saved) co_return saved;
    }
  }
  co_return Result<void>{};
}

Task<Result<void>> SlurmSide::tell_usable(const std::vector<NodeRecord>& records) {
  std::vector<NodeRecord> due;
  for (const auto& r : records)
    if (r.failure && r.tell != Tell::down && !r.fresh_want() && now() >= r.failure->until)
      due.push_back(r);
  std::vector<std::string> names;
  for (const auto& r : due)
    if (asked_by_slurm(r)) names.push_back(r.name);
  if (!names.empty()) {
    auto done = co_await s_.controller.power_down(names);
    if (!done && done.error().kind == ErrorKind::unreachable) co_return done;
    note(s_.store, done ? LogLevel::info : LogLevel::error,
         {"", done ? "slurmctld told: usable again" : "slurmctld would not power it down",
          format_hostlist(names) + (done ? "" : ": " + done.error().message), "", ""});
  }
  for (const auto& r : due) {
    // slurmctld answers with SuspendProgram, which says the same; only if nothing newer came.
    auto settled = s_.store.want_if({r.name, r.pool}, r.want_seq, Wanted::absent, "failure");
    if (!settled) co_return tl::unexpected(settled.error());
    changed_ = true;
  }
  co_return Result<void>{};
}

Result<void> SlurmSide::registered(NodeRecord record) {
  record.registered = true;
  record.replaced = false;
  record.attempts = 0;
  record.last_error.clear();
  note(s_.store, LogLevel::info,
       {record.name, "node up",
        fmt::format("{} after it was wanted", rough_duration(now() - record.want_since)),
        record.server_id, ""});
  if (auto saved = s_.store.save(record); !saved) return saved;
  return failures_.pool_is_well(record.pool);
}

Task<Result<void>> SlurmSide::watch_boots(const std::vector<NodeRecord>& records) {
  std::vector<std::string> names;
  for (const auto& r : records)
    if (r.wanted == Wanted::present && !r.failure && !r.registered && r.active_since != Time{} &&
        asked_by_slurm(r))
      names.push_back(r.name);
  auto infos = co_await s_.controller.nodes(names);
  if (!infos) co_return tl::unexpected(infos.error());
  std::map<std::string, const slurm::NodeInfo*> by_name;
  for (const auto& info : *infos) by_name[info.name] = &info;
  for (const auto& name : names) {
    auto fresh = s_.store.node(name);
    if (!fresh) co_return tl::unexpected(fresh.error());
    if (!*fresh || (*fresh)->fresh_want() || (*fresh)->failure || (*fresh)->registered) continue;
    NodeRecord& record = **fresh;
    const auto it = by_name.find(name);
    if (it != by_name.end()) {
      const auto& info = *it->second;
      const bool waiting = info.has("POWERING_UP") || info.has("POWERED_DOWN") ||
                           info.has("NOT_RESPONDING") || info.state == "DOWN" ||
                           info.state == "UNKNOWN";
      if (!waiting) {
        if (auto done = registered(std::move(record)); !done) co_return done;
        continue;
      }
    }
    const Pool* pool = s_.pools.pool(record.pool);
    const auto patience =
        node::patience_of(pool != nullptr ? pool->policy : s_.pools.policy, s_.resume_timeout);
    if (now() < record.active_since + patience.boot) continue;
    co_await actions_.keep_console(name, record.server_id);
    fresh = s_.store.node(name);
    if (!fresh) co_return tl::unexpected(fresh.error());
    if (!*fresh || (*fresh)->fresh_want() || (*fresh)->failure) continue;
    Error error;
    error.kind = ErrorKind::timeout;
    error.message = fmt::format("server is ACTIVE, but slurmd did not register within {}",
                                rough_duration(patience.boot));
    if (auto done = failures_.boot_failed(**fresh, error); !done) co_return done;
    changed_ = true;
  }
  co_return Result<void>{};
}

// What slurmctld wants of a node, where the store's want (none at all, perhaps) is another.
Result<std::optional<SlurmSide::Difference>> SlurmSide::difference(const slurm::NodeInfo& info) {
  auto record = s_.store.node(info.name);
  if (!record) return tl::unexpected(record.error());
  const bool known = record->has_value();
  const std::int64_t want_seq = known ? (*record)->want_seq : 0;
  if (known && (*record)->failure) return std::nullopt;
  const bool present = known && (*record)->wanted == Wanted::present;
  const bool powering_up = info.has("POWERING_UP");
  const bool off = !powering_up && (info.has("POWERED_DOWN") || info.has("POWERING_DOWN"));
  if (off && present && asked_by_slurm(**record))
    return Difference{Wanted::absent, want_seq, now()};
  if (powering_up && !present && info.state != "DOWN")
    return Difference{Wanted::present, want_seq, now()};
  return std::nullopt;
}

Task<Result<void>> SlurmSide::take_up_lost_intents() {
  std::vector<std::string> names;
  for (const auto& pool : s_.pools.pools)
    for (const auto& node : pool.nodes) names.push_back(node.name);
  auto infos = co_await s_.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  if (s_.pools.slurm.dynamic) {
    std::set<std::string> known;
    for (const auto& info : *infos) known.insert(info.name);
    if (auto made = co_await dynamic_.make_missing(known); !made) co_return made;
    if (auto gone = co_await dynamic_.delete_strays(); !gone) co_return gone;
  }
  std::map<std::string, Difference> seen;
  for (const auto& info : *infos) {
    const auto found = s_.pools.find(info.name);
    if (found.pool == nullptr || held_.contains(info.name)) continue;
    auto differs = difference(info);
    if (!differs) co_return tl::unexpected(differs.error());
    if (!*differs) continue;
    if (const auto it = differences_.find(info.name); it != differences_.end() &&
                                                      it->second.wanted == (*differs)->wanted &&
                                                      it->second.want_seq == (*differs)->want_seq)
      (*differs)->since = it->second.since;
    seen.emplace(info.name, **differs);
  }
  differences_ = std::move(seen);
  for (auto it = differences_.begin(); it != differences_.end();) {
    const auto& [name, difference] = *it;
    if (now() - difference.since < kSettle) {
      ++it;
      continue;
    }
    // Stays in doubt when it cannot be written down: the disk may still be full.
    auto taken = s_.store.want_if({name, s_.pools.find(name).pool->name}, difference.want_seq,
                                  difference.wanted, "slurm");
    if (!taken) co_return tl::unexpected(taken.error());
    if (*taken)
      note(s_.store, LogLevel::warning,
           {name, "lost intent taken up",
            fmt::format("slurmctld wants it {}, and no hook has said so",
                        to_string(difference.wanted)),
            "", ""});
    changed_ = changed_ || *taken;
    it = differences_.erase(it);
  }
  co_return Result<void>{};
}

Task<Result<std::set<std::string>>> SlurmSide::unused(std::vector<std::string> names) {
  std::set<std::string> answer(names.begin(), names.end());
  auto infos = co_await s_.controller.nodes(std::move(names));
  if (!infos) co_return tl::unexpected(infos.error());
  for (const auto& info : *infos)
    if (info.has("POWERING_UP") || !(info.has("POWERED_DOWN") || info.has("POWERING_DOWN")))
      answer.erase(info.name);
  co_return answer;
}

}  // namespace tidepool
