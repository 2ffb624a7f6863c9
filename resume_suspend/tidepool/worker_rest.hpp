// The worker's rest, while `tidepool apply` changes what the worker stands on.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/lock.hpp"

namespace tidepool {

class WorkerRest {
 public:
  WorkerRest(std::filesystem::path state_dir, std::filesystem::path pool_file)
      : state_dir_(std::move(state_dir)), pool_file_(std::move(pool_file)) {}

  // When it returns the worker has ended what it had in flight, and one waits for the end of the
  // rest, whatever becomes of this process. Nothing when it rests already. An Error: it does not
  // rest (minutes), and may work.
  Result<void> begin();
  // It begins anew, with the pool file as it is now. Nothing when it does not rest.
  void end();

 private:
  const std::filesystem::path state_dir_, pool_file_;
  std::optional<FileLock> rest_, alone_;
};

}  // namespace tidepool
