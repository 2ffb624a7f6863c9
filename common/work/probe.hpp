// Probe: puts servers of its own through everything that could hold a node, and measures what the
// cloud gives back. The caller holds probe_lock() and has removed what an earlier one left.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "config/pool_file.hpp"
#include "openstack/cloud.hpp"
#include "work/probe_marks.hpp"
#include "work/probe_report.hpp"
#include "work/probe_servers.hpp"

namespace tidepool {

class Probe {
 public:
  struct Settings {
    const Pool* pool = nullptr;    // whose flavor, image and network
    Millis step_limit{600'000};    // of one action
    Millis time_limit{3'600'000};  // of all
    Millis guest_wait{120'000};    // for the guest's word; 0: it is not asked
    std::function<void(const std::string&)> progress = [](const std::string&) {};
  };
  Probe(boost::asio::io_context& context, const PoolFile& pools, openstack::Cloud& cloud,
        Settings settings);

  // Credentials, flavor, image, network: asked, nothing made. Fills report()'s head.
  Task<Result<void>> prepare();
  // The intent is on disk before anything is made. An Error: no server could be made, or it was
  // stopped; report() then has what was measured until then.
  Task<Result<void>> run();
  // Deletes everything, also after an Error, and then the intent. How many things there were.
  Task<Result<int>> clean_up();
  // From a signal handler on the same thread.
  void stop(std::string why) { patience_.stop(std::move(why)); }

  const ProbeReport& report() const { return report_; }

 private:
  struct Held {
    ProbeStep step;
    openstack::ServerAction hold;
    std::vector<std::string> states;
    openstack::ServerAction back;
  };
  static std::vector<Held> reversible_steps();
  static void set_outcome(ProbeMeasure& measure, const ProbeAnswer& answer);

  // ---- probe.cpp
  Task<Result<ProbeAnswer>> make(std::string image, std::string address);
  Task<Result<ProbeAnswer>> address_is_free();
  Task<Result<bool>> have_server(ProbeMeasure& measure);
  Task<Result<void>> drop();

  // ---- probe_reversible.cpp
  Task<Result<void>> reversible(Held held);
  Task<Result<void>> hold_once(Held held, ProbeMeasure& measure);
  Task<Result<bool>> bring_back(openstack::ServerAction back, std::string from,
                                ProbeMeasure& measure);
  Task<Result<void>> shelve_offload();
  Task<Result<bool>> may_offload(ProbeMeasure& measure);

  // ---- probe_remove.cpp
  Task<Result<void>> snapshot();
  Task<Result<bool>> take_snapshot(ProbeMeasure& measure, std::string& image);
  Task<Result<void>> make_again(std::string image, ProbeMeasure& measure);
  Task<Result<void>> remove();

  // ---- probe_look.cpp
  Task<Result<std::optional<ProbeMoment>>> look();
  Task<Result<bool>> look_once(ProbeMoment& moment);
  Task<void> read_placement(ProbeMoment& moment);
  Task<Result<void>> hear_guest();                       // sets mark_
  Task<Result<std::optional<bool>>> hear_guest_again();  // has it gone on since mark_?

  const PoolFile& pools_;
  openstack::Cloud& cloud_;
  Settings settings_;
  ProbePatience patience_;
  ProbeIntent intent_;
  ProbeServers servers_;
  ProbeReport report_;
  openstack::ServerRequest request_;
  std::vector<std::string> addresses_;  // candidates for the server; empty: the network chooses
  bool may_choose_address_ = false;
  bool guest_asked_ = false, guest_speaks_ = false;
  std::optional<GuestMark> mark_;
  std::string server_;       // empty: there is none now
  std::string last_server_;  // the one made last, also when it is gone
  std::string no_server_;    // why there can be none any more
  std::optional<Millis> create_took_;
};

}  // namespace tidepool
