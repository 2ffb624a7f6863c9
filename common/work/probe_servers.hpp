// The servers of a probe: made, sent through actions, watched, each step with a time limit.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "openstack/cloud.hpp"
#include "work/probe_leftovers.hpp"
#include "work/probe_report.hpp"

namespace tidepool {

// Waits that end early when the probe is to stop.
class ProbePatience {
 public:
  ProbePatience(boost::asio::any_io_executor executor, Millis whole)
      : timer_(executor), end_(now() + whole) {}
  // timeout: stop() was called, or the probe's time is up; the message says which.
  Task<Result<void>> nap(Millis time);
  Result<void> check() const;
  void stop(std::string why);

 private:
  boost::asio::steady_timer timer_;
  Time end_;
  std::string stopped_;
};

// How a request or a wait ended. Errors of the functions below are the probe's end (stopped,
// credentials refused, state folder full); what a cloud does to one step is an answer.
struct ProbeAnswer {
  ProbeOutcome outcome = ProbeOutcome::done;
  std::string why;
  bool done() const { return outcome == ProbeOutcome::done; }
};

class ProbeServers {
 public:
  struct Settings {
    std::filesystem::path state_dir;
    ProbeIntent intent;
    std::string cluster;
    Millis step_limit{600'000};
  };
  ProbeServers(openstack::Cloud& cloud, ProbePatience& patience, Settings settings)
      : cloud_(cloud), patience_(patience), settings_(std::move(settings)) {}

  // Creates a server (name and metadata are set here) and waits until it is ACTIVE. On `done` `id`
  // is its id. A fixed IP that is taken meanwhile is ProbeOutcome::refused.
  Task<Result<ProbeAnswer>> create(openstack::ServerRequest request, std::string& id);
  // Asks for an action; done: accepted.
  Task<Result<ProbeAnswer>> ask(std::string id, openstack::ServerAction action);
  // Waits for one of `wanted` (Nova's status, without a task). `from`: the status before the
  // action; a server that is back in it has not done what it was asked.
  Task<Result<ProbeAnswer>> settle(std::string id, std::vector<std::string> wanted,
                                   std::string from, openstack::Server& server);
  // Waits until the image is active; `id` is the server it is made from.
  Task<Result<ProbeAnswer>> settle_image(std::string id, std::string image);
  // Deletes and waits until Nova knows it no more.
  Task<Result<ProbeAnswer>> remove(std::string id);

  // The name of the server made last.
  const std::string& name() const { return name_; }
  // A create's outcome is not known: see remove_probe_things().
  Time in_doubt() const { return settings_.intent.create_begun; }

 private:
  Task<Result<std::string>> find_by_name(std::string name);
  Result<void> note_create(Time begun);

  openstack::Cloud& cloud_;
  ProbePatience& patience_;
  Settings settings_;
  std::string name_;
  int made_ = 0;
};

}  // namespace tidepool
