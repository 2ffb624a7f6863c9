// A command's connection to the living parts: event loop, cloud, slurmctld.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include "base/async.hpp"

#include "openstack/cloud.hpp"
#include "openstack/limiter.hpp"
#include "setup.hpp"
#include "slurm/controller.hpp"
#include "work/surroundings.hpp"

namespace tidepool {

// Runs one coroutine to its end, and with it the event loop.
template <typename T>
T wait_on(boost::asio::io_context& context, Task<T> task) {
  std::optional<T> answer;
  std::exception_ptr thrown;
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr e, T value) {
    thrown = e;
    if (!e) answer = std::move(value);
    context.stop();
  });
  context.restart();
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*answer);
}

class Live {
 public:
  // A failure has been printed; the value is the exit code. `setup` must outlive this.
  static tl::expected<std::unique_ptr<Live>, int> connect(Setup& setup);

  Surroundings& surroundings() { return surroundings_; }
  boost::asio::io_context& context() { return context_; }

  template <typename T>
  T wait(Task<T> task) {
    return wait_on(context_, std::move(task));
  }

 private:
  Live(Setup& setup, CloudSettings cloud, std::filesystem::path slurm_conf, Millis resume_timeout,
       Millis slurmd_timeout);
  boost::asio::io_context context_;
  openstack::Cloud cloud_;
  openstack::Limiter limiter_;
  slurm::Controller controller_;
  Surroundings surroundings_;
};

// slurm.conf: the pool file's, else $SLURM_CONF, else /etc/slurm/slurm.conf.
std::filesystem::path slurm_conf_path(const PoolFile& pools);

}  // namespace tidepool
