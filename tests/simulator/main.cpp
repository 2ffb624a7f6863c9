#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "api/api.hpp"
#include "cloud/step.hpp"
#include "http/connection.hpp"
#include "http/front.hpp"
#include "options.hpp"
#include "state_dir.hpp"

namespace sim = tidepool::sim;

namespace {

void add_routes(sim::Front& front) {
  sim::add_keystone(front.router);
  sim::add_keystone_credentials(front.router);
  sim::add_nova_versions(front.router);
  sim::add_nova_servers(front.router);
  sim::add_nova_actions(front.router);
  sim::add_nova_flavors(front.router);
  sim::add_nova_quotas(front.router);
  sim::add_nova_admin(front.router);
  sim::add_neutron(front.router);
  sim::add_neutron_ports(front.router);
  sim::add_glance(front.router);
  sim::add_placement(front.router);
  sim::add_control(front);
  sim::add_control_cloud(front);
}

std::string url(const std::string& host, int port) {
  return "http://" + host + ":" + std::to_string(port);
}

// Listens, and listens again after each outage of the kind in which nobody does.
void serve(sim::HttpServer& server, sim::Front& front, const std::string& host, int port,
           const std::atomic<bool>& stopping) {
  server.listen_after_bind();
  while (!stopping) {
    if (front.traffic.outage() == "refuse" || !server.bind_to_port(host, port)) {
      front.pause.sleep(sim::Millis(20));
      continue;
    }
    server.listen_after_bind();
  }
}

void destroy_all(sim::Cloud& cloud) {
  {
    const std::lock_guard lock(cloud.mutex);
    for (const auto& server : cloud.order) {
      ++server->epoch;
      if (server->hooked) sim::run_hook(cloud, *server, "destroy");
    }
  }
  while (cloud.hooks.unfinished() > 0) std::this_thread::sleep_for(sim::Millis(20));
}

int bind(sim::HttpServer& server, const std::string& host, int port) {
  if (port == 0) return server.bind_to_any_port(host);
  return server.bind_to_port(host, port) ? port : -1;
}

}  // namespace

int main(int argc, char** argv) {
  sim::Options options;
  if (const auto status = sim::read_options(argc, argv, options)) return *status;

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread, so that all inherit it
  signal(SIGPIPE, SIG_IGN);

  sim::StateDir files(options.state_dir);
  sim::Cloud cloud(options.settings);
  sim::Front front(cloud);
  add_routes(front);
  front.traffic.set_latency(options.latency);
  front.traffic.set_rate(options.rate);

  const std::string host = options.settings.listen;
  sim::HttpServer api(options.threads, [&](const auto& q, auto& a) { front.handle(q, a); });
  sim::HttpServer control(8, [&](const auto& q, auto& a) { front.handle_control(q, a); });
  const int port = bind(api, host, options.port);
  const int control_port = bind(control, "127.0.0.1", options.control_port);
  if (!files.problem().empty() || port <= 0 || control_port <= 0) {
    std::cerr << "tidepool-sim: "
              << (!files.problem().empty() ? files.problem()
                  : port <= 0              ? "cannot listen on " + url(host, options.port)
                              : "cannot listen on " + url("127.0.0.1", options.control_port))
              << "\n";
    return 1;
  }
  cloud.keystone_url = url(host, port) + "/v3";
  cloud.nova_url = url(host, port) + "/compute/v2.1";
  std::atomic<bool> stopping = false;
  front.refuse = [&] { api.stop(); };
  std::thread api_thread([&] { serve(api, front, host, port, stopping); });
  std::thread control_thread([&] { control.listen_after_bind(); });
  const std::string problem = files.write(url(host, port), url("127.0.0.1", control_port),
                                          cloud.credentials.begin()->first);
  if (problem.empty()) {
    std::cout << "tidepool-sim: listening on " << url(host, port) << "\n"
              << "tidepool-sim: controls also on " << url("127.0.0.1", control_port) << "/_sim/\n"
              << "tidepool-sim: clouds.yaml is " << files.clouds_yaml() << std::endl;
    int signal_number = 0;
    sigwait(&ends, &signal_number);
  } else {
    std::cerr << "tidepool-sim: " << problem << "\n";
  }

  stopping = true;
  front.pause.stop();
  while (!api.is_running() && front.traffic.outage() != "refuse") std::this_thread::yield();
  api.stop();
  while (!control.is_running()) std::this_thread::yield();
  control.stop();
  api_thread.join();
  control_thread.join();
  cloud.scheduler.stop();
  if (options.destroy_on_exit) destroy_all(cloud);
  cloud.hooks.stop(sim::Millis(3000));
  return problem.empty() ? 0 : 1;
}
