#pragma once
#include <httplib.h>

#include "cloud/cloud.hpp"
#include "http/call.hpp"
#include "http/faults.hpp"
#include "http/journal.hpp"
#include "http/pause.hpp"
#include "http/traffic.hpp"

// The way of every request: latency, outage, rate limit, scripted faults, route, token,
// microversion, handler, journal. /_sim/ skips all but route and handler.
namespace tidepool::sim {

struct Front {
  Cloud& cloud;
  Router router;
  Faults faults;
  Journal journal;
  Traffic traffic;
  Pause pause;
  std::function<void()> refuse = [] {};  // stops listening, for as long as that outage lasts

  explicit Front(Cloud& model) : cloud(model) {}
  // Both are called from many threads.
  void handle(const httplib::Request& request, httplib::Response& response);
  void handle_control(const httplib::Request& request, httplib::Response& response);

 private:
  Reply answer(const Route& route, Call& call);
};

}  // namespace tidepool::sim
