#include "work/failures.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace tidepool {

bool asked_by_slurm(const NodeRecord& record) {
  return record.want_by == "resume" || record.want_by == "slurm" || record.want_by == "rebuild";
}

const Policy& Failures::policy(const std::string& pool) const {
  const Pool* found = s_.pools.pool(pool);
  return found != nullptr ? found->policy : s_.pools.policy;
}

Result<void> Failures::failed_try(NodeRecord& record, const Error& error) {
  ++record.attempts;
  record.last_error = error.message;
  const auto patience = node::patience_of(policy(record.pool), s_.resume_timeout);
  const auto waited = now() - record.want_since;
  const auto verdict = node::judge(error, record.attempts, waited, patience.give_up);
  // A removal is never given up: a server that we leave behind would leak.
  if (verdict.give_up && record.wanted == Wanted::present && !record.failure)
    return give_up(record, error, verdict.rest_pool);
  const Millis wait = verdict.give_up ? node::back_off(record.attempts) : verdict.retry_in;
  record.next_try = now() + wait;
  note(
      s_.store, LogLevel::warning,
      {record.name, "will try again", fmt::format("in {}: {}", rough_duration(wait), error.message),
       record.server_id, error.request_id});
  return s_.store.save(record);
}

Result<void> Failures::set_failure(NodeRecord& record, ErrorKind kind, const std::string& text,
                                   Time until) {
  record.failure = Failure{kind, text, now(), until};
  record.last_error = text;
  record.tell = asked_by_slurm(record) ? Tell::down : Tell::nothing;
  record.attempts = 0;
  record.next_try = {};
  return s_.store.save(record);
}

Result<void> Failures::give_up(NodeRecord& record, const Error& error, bool rest_pool) {
  if (rest_pool && on_no_room) {
    auto waits = on_no_room(record, error);
    if (!waits) return tl::unexpected(waits.error());
    if (*waits) return {};
  }
  const Policy& p = policy(record.pool);
  auto state = s_.store.pool(record.pool);
  if (!state) return tl::unexpected(state.error());
  if (rest_pool && state->rest_until <= now()) {  // a burst of refusals counts once
    const Millis rest = node::rest_for(state->rest_step, p);
    state->rest_until = now() + rest;
    state->rest_reason = fmt::format("{}: {}", to_string(error.kind), error.message);
    ++state->rest_step;
    note(s_.store, LogLevel::warning,
         {"", "pool rests",
          fmt::format("pool {} for {}: {}", record.pool, rough_duration(rest), state->rest_reason),
          "", error.request_id});
    if (auto done = s_.store.save_pool(*state); !done) return done;
  }
  const Time until = std::max(now() + p.cool_off, state->rest_until);
  const std::string text = fmt::format("{}: {}", to_string(error.kind), error.message);
  note(s_.store, LogLevel::error,
       {record.name, "given up", text, record.server_id, error.request_id});
  if (auto done = set_failure(record, error.kind, text, until); !done) return done;
  return policy(record.pool).all_or_nothing ? give_up_mates(record, error) : Result<void>{};
}

Result<void> Failures::give_up_mates(const NodeRecord& record, const Error& error) {
  auto jobs = s_.store.jobs_of(record.name);
  if (!jobs) return tl::unexpected(jobs.error());
  for (const auto& job : *jobs) {
    for (const auto& name : job.nodes) {
      if (name == record.name) continue;
      auto mate = s_.store.node(name);
      if (!mate) return tl::unexpected(mate.error());
      if (!*mate) continue;
      NodeRecord& m = **mate;
      // One that is up already stays: slurmctld gives it to the next job, or suspends it.
      if (m.wanted != Wanted::present || m.registered || m.failure || !asked_by_slurm(m)) continue;
      auto others = s_.store.jobs_of(name);
      if (!others) return tl::unexpected(others.error());
      const bool shared = std::any_of(others->begin(), others->end(), [&](const JobNodes& other) {
        return std::find(other.nodes.begin(), other.nodes.end(), record.name) == other.nodes.end();
      });
      if (shared) continue;
      const std::string text =
          fmt::format("{}: job {} needs {} too, which failed: {}", to_string(error.kind),
                      job.job_id, record.name, error.message);
      note(s_.store, LogLevel::warning, {name, "given up with its job", text, m.server_id, ""});
      if (auto done = set_failure(m, error.kind, text, record.failure->until); !done) return done;
    }
  }
  return {};
}

Result<void> Failures::boot_failed(NodeRecord& record, const Error& error) {
  const Policy& p = policy(record.pool);
  auto state = s_.store.pool(record.pool);
  if (!state) return tl::unexpected(state.error());
  ++state->boot_failures;
  const bool protect = p.protect_after > 0 && state->boot_failures >= p.protect_after;
  if (protect && state->rest_until <= now()) {
    state->rest_until = now() + p.protected_for;
    state->rest_reason = fmt::format("protected mode after {} boot failures in a row, the last: {}",
                                     state->boot_failures, error.message);
    note(s_.store, LogLevel::error,
         {"", "pool protected", record.pool + ": " + state->rest_reason, record.server_id, ""});
  }
  if (auto done = s_.store.save_pool(*state); !done) return done;
  return give_up(record, error, false);
}

Result<void> Failures::pool_is_well(const std::string& pool) {
  auto state = s_.store.pool(pool);
  if (!state) return tl::unexpected(state.error());
  if (state->boot_failures == 0 && state->rest_step == 0) return {};
  // A rest that is running goes on: that one node came says nothing about the quota.
  state->boot_failures = 0;
  if (state->rest_until <= now()) {
    state->rest_step = 0;
    state->rest_reason.clear();
    state->rest_until = {};
  }
  return s_.store.save_pool(*state);
}

Result<std::optional<PoolState>> Failures::resting(const std::string& pool) {
  auto state = s_.store.pool(pool);
  if (!state) return tl::unexpected(state.error());
  if (state->rest_until > now()) return *state;
  return std::nullopt;
}

Result<void> Failures::refuse(NodeRecord& record, const PoolState& rest) {
  const auto colon = rest.rest_reason.find(':');
  const auto kind = error_kind(rest.rest_reason.substr(0, colon)).value_or(ErrorKind::busy);
  const std::string text = fmt::format("{} (pool {} rests until {})", rest.rest_reason, record.pool,
                                       format_time(rest.rest_until));
  note(s_.store, LogLevel::warning, {record.name, "refused", text, record.server_id, ""});
  if (auto done = set_failure(record, kind, text, rest.rest_until); !done) return done;
  Error error;
  error.kind = kind;
  error.message = text;
  return policy(record.pool).all_or_nothing ? give_up_mates(record, error) : Result<void>{};
}

}  // namespace tidepool
