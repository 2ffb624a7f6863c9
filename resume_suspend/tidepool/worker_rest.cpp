#include "worker_rest.hpp"

#include "start_worker.hpp"

namespace tidepool {

Result<void> WorkerRest::begin() {
  if (alone_) return {};
  auto rest = FileLock::lock(rest_lock(state_dir_), std::chrono::seconds(10));
  if (!rest) return tl::unexpected(rest.error());
  rest_.emplace(std::move(*rest));
  auto started = start_worker(state_dir_, pool_file_);
  if (!started) {
    end();
    return tl::unexpected(started.error());
  }
  auto alone = FileLock::lock(worker_lock(state_dir_), std::chrono::minutes(5));
  if (!alone) {
    end();
    return tl::unexpected(alone.error());
  }
  alone_.emplace(std::move(*alone));
  return {};
}

// In this order: the worker that waits takes the other lock as soon as its rest is over.
void WorkerRest::end() {
  alone_.reset();
  rest_.reset();
}

}  // namespace tidepool
