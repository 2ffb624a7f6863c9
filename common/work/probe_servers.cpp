#include "work/probe_servers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidepool {
namespace {

// Nothing but the end of the probe can follow.
bool ends_probe(const Error& error) {
  return error.kind == ErrorKind::auth || error.kind == ErrorKind::disk_full ||
         error.kind == ErrorKind::io || error.kind == ErrorKind::internal;
}

ProbeAnswer answer_of(const Error& error) {
  if (error.kind == ErrorKind::forbidden) return {ProbeOutcome::forbidden, error.message};
  return {ProbeOutcome::refused, error.message};
}

// Nova sets the task before it answers, so that a server that looks as before has been there and
// back; clouds that hide the task leave only time to tell.
constexpr Millis kBackAgain{5'000};

// Often at first, so that short times are measured well; seldom when it takes long.
class Pace {
 public:
  Millis next() {
    const Millis now = next_;
    next_ = std::min(next_ * 5 / 4, Millis(2000));
    return now;
  }

 private:
  Millis next_{100};
};

}  // namespace

Result<void> ProbePatience::check() const {
  if (!stopped_.empty()) return fail(ErrorKind::timeout, stopped_);
  if (now() >= end_) return fail(ErrorKind::timeout, "the probe's time limit is over");
  return {};
}

Task<Result<void>> ProbePatience::nap(Millis time) {
  if (auto go = check(); !go) co_return go;
  timer_.expires_after(std::min(time, std::max(Millis(1), end_ - now())));
  boost::system::error_code ec;
  co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
  co_return check();
}

void ProbePatience::stop(std::string why) {
  stopped_ = std::move(why);
  timer_.cancel();
}

Result<void> ProbeServers::note_create(Time begun) {
  settings_.intent.create_begun = begun;
  return save_intent(settings_.state_dir, settings_.intent);
}

Task<Result<std::string>> ProbeServers::find_by_name(std::string name) {
  auto servers = co_await cloud_.compute().list_servers();
  if (!servers) co_return tl::unexpected(servers.error());
  for (const auto& server : *servers)
    if (server.name == name && server.meta(kMetaProbe) == settings_.intent.id) co_return server.id;
  co_return std::string();
}

Task<Result<ProbeAnswer>> ProbeServers::create(openstack::ServerRequest request, std::string& id) {
  id.clear();
  if (auto go = patience_.check(); !go) co_return tl::unexpected(go.error());
  name_ = fmt::format("{}-{}", probe_name(settings_.cluster, settings_.intent.id), ++made_);
  request.name = name_;
  request.metadata = {{openstack::kMetaCluster, settings_.cluster},
                      {kMetaProbe, settings_.intent.id}};
  if (auto noted = note_create(now()); !noted) co_return tl::unexpected(noted.error());
  auto made = co_await cloud_.compute().create_server(std::move(request));
  if (!made && !made.error().maybe_done) {
    if (auto noted = note_create({}); !noted) co_return tl::unexpected(noted.error());
    if (ends_probe(made.error())) co_return tl::unexpected(made.error());
    co_return answer_of(made.error());
  }
  if (made) {
    id = *made;
  } else {
    // No answer: it may come all the same.
    for (int looks = 0; id.empty() && looks < 30; ++looks) {
      auto found = co_await find_by_name(name_);
      if (found) id = *found;
      if (!id.empty()) break;
      if (auto napped = co_await patience_.nap(Millis(1000)); !napped)
        co_return tl::unexpected(napped.error());
    }
    if (id.empty()) co_return ProbeAnswer{ProbeOutcome::failed, made.error().message};
  }
  if (auto noted = note_create({}); !noted) co_return tl::unexpected(noted.error());
  openstack::Server server;
  std::vector<std::string> active(1, "ACTIVE");
  co_return co_await settle(id, std::move(active), "", server);
}

Task<Result<ProbeAnswer>> ProbeServers::ask(std::string id, openstack::ServerAction action) {
  ProbeAnswer last;
  for (int tries = 0; tries < 4; ++tries) {
    if (tries > 0)
      if (auto napped = co_await patience_.nap(Millis(2000)); !napped)
        co_return tl::unexpected(napped.error());
    auto accepted = co_await cloud_.compute().act(id, action);
    if (accepted) co_return ProbeAnswer{};
    const Error error = accepted.error();
    if (ends_probe(error)) co_return tl::unexpected(error);
    last = answer_of(error);
    if (error.kind == ErrorKind::conflict && tries > 0) {
      // Perhaps an earlier try was carried out and only its answer lost.
      auto server = co_await cloud_.compute().get_server(id);
      if (server && (!server->task_state.empty() || server->status != "ACTIVE"))
        co_return ProbeAnswer{};
    }
    if (error.kind != ErrorKind::conflict && !error.retryable()) break;
  }
  co_return last;
}

Task<Result<ProbeAnswer>> ProbeServers::settle(std::string id, std::vector<std::string> wanted,
                                               std::string from, openstack::Server& server) {
  const Time end = now() + settings_.step_limit;
  std::string trouble;
  Time unmoved{};
  Pace pace;
  while (true) {
    auto seen = co_await cloud_.compute().get_server(id);
    if (seen) {
      server = *seen;
      const bool idle = seen->task_state.empty();
      if (idle && std::find(wanted.begin(), wanted.end(), seen->status) != wanted.end())
        co_return ProbeAnswer{};
      if (seen->status == "ERROR")
        co_return ProbeAnswer{ProbeOutcome::failed,
                              seen->fault.empty() ? "the server went to ERROR" : seen->fault};
      if (!idle || from.empty() || seen->status != from)
        unmoved = {};
      else if (unmoved == Time{})
        unmoved = now();
      else if (now() - unmoved >= kBackAgain)
        co_return ProbeAnswer{
            ProbeOutcome::failed,
            fmt::format("Nova accepted it, and the server is {} as before", from)};
      trouble =
          fmt::format("the server is {}{}{}", seen->status, idle ? "" : ", ", seen->task_state);
    } else {
      if (ends_probe(seen.error())) co_return tl::unexpected(seen.error());
      if (seen.error().kind == ErrorKind::not_found)
        co_return ProbeAnswer{ProbeOutcome::failed, "somebody deleted the server"};
      trouble = seen.error().message;
    }
    if (now() >= end)
      co_return ProbeAnswer{
          ProbeOutcome::slow,
          fmt::format("not done after {}: {}", rough_duration(settings_.step_limit), trouble)};
    if (auto napped = co_await patience_.nap(pace.next()); !napped)
      co_return tl::unexpected(napped.error());
  }
}

Task<Result<ProbeAnswer>> ProbeServers::settle_image(std::string id, std::string image) {
  const Time end = now() + settings_.step_limit;
  std::string trouble;
  Time idle{};
  Pace pace;
  while (true) {
    auto seen = co_await cloud_.image().get_image(image);
    if (seen) {
      if (seen->status == "active") co_return ProbeAnswer{};
      trouble = "the image is " + seen->status;
      if (seen->status == "killed" || seen->status == "deleted")
        co_return ProbeAnswer{ProbeOutcome::failed, trouble};
      // Nova has ended its task and nothing was uploaded.
      auto server = co_await cloud_.compute().get_server(id);
      if (!server || !server->task_state.empty() || seen->status != "queued")
        idle = {};
      else if (idle == Time{})
        idle = now();
      else if (now() - idle >= kBackAgain)
        co_return ProbeAnswer{ProbeOutcome::failed,
                              "the hypervisor uploaded nothing: the image stays queued"};
    } else {
      if (ends_probe(seen.error())) co_return tl::unexpected(seen.error());
      trouble = seen.error().message;
      if (seen.error().kind == ErrorKind::not_found)
        co_return ProbeAnswer{ProbeOutcome::failed, "Nova gave the snapshot up: its image is gone"};
    }
    if (now() >= end)
      co_return ProbeAnswer{
          ProbeOutcome::slow,
          fmt::format("not done after {}: {}", rough_duration(settings_.step_limit), trouble)};
    if (auto napped = co_await patience_.nap(pace.next()); !napped)
      co_return tl::unexpected(napped.error());
  }
}

Task<Result<ProbeAnswer>> ProbeServers::remove(std::string id) {
  const Time end = now() + settings_.step_limit;
  bool asked = false;
  Pace pace;
  while (true) {
    if (!asked) {
      auto gone = co_await cloud_.compute().delete_server(id);
      if (!gone && ends_probe(gone.error())) co_return tl::unexpected(gone.error());
      if (!gone && gone.error().kind != ErrorKind::conflict && !gone.error().retryable())
        co_return answer_of(gone.error());
      asked = gone.has_value();
    }
    auto seen = co_await cloud_.compute().get_server(id);
    if (!seen && ends_probe(seen.error())) co_return tl::unexpected(seen.error());
    if (!seen && seen.error().kind == ErrorKind::not_found) co_return ProbeAnswer{};
    if (now() >= end)
      co_return ProbeAnswer{ProbeOutcome::slow, fmt::format("still there after {}",
                                                            rough_duration(settings_.step_limit))};
    if (auto napped = co_await patience_.nap(pace.next()); !napped)
      co_return tl::unexpected(napped.error());
  }
}

}  // namespace tidepool
