#pragma once
#include <string>

namespace tidepool::sim {

// The folder for the files that tell others how to reach the simulator: clouds.yaml (0600), sim.pid
// and sim.json. Removed again at the end.
class StateDir {
 public:
  // `path` is made when it is not there; "" makes a new one under TMPDIR or /tmp.
  explicit StateDir(const std::string& path);
  ~StateDir();
  StateDir(const StateDir&) = delete;
  StateDir& operator=(const StateDir&) = delete;

  // Why it cannot be used, or "".
  const std::string& problem() const { return problem_; }
  std::string clouds_yaml() const { return path_ + "/clouds.yaml"; }
  // Returns what went wrong, or "".
  std::string write(const std::string& url, const std::string& control_url,
                    const std::string& credential_id);

 private:
  std::string path_, problem_;
  bool ours_ = false;  // the folder itself goes too
};

}  // namespace tidepool::sim
