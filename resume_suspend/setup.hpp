// What every program does first: find the pool file, start the log, become the state folder's
// owner, open the store. The only folder whose code reads the environment.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "config/cloud_settings.hpp"
#include "config/pool_file.hpp"
#include "store/store.hpp"

namespace tidepool {

// Exit codes of all programs; tidepool(8), "EXIT STATUS".
enum Exit : int {
  kOk = 0,
  kFailed = 1,  // something that was asked for did not happen
  kUsage = 2,   // the command line is wrong
  kConfig = 3,  // the pool file, clouds.yaml or slurm.conf has errors
  kCloud = 4,   // the cloud cannot be reached or refuses the credentials
  kStore = 5,   // the store cannot be used: disk full, not writable, of another cluster
  kSlurm = 6,   // slurmctld cannot be reached
};

inline constexpr const char* kDefaultConfig = "/etc/tidepool/tidepool.yaml";

struct CommonOptions {
  std::string config;      // --config; empty: TIDEPOOL_CONFIG, then kDefaultConfig
  std::string log_format;  // --log-format; empty: the pool file's
  std::string log_level;   // --log-level
  bool log_to_stderr = false;
};

Environment process_environment();
std::filesystem::path config_path(const CommonOptions& options);

// The rights that the program was started with, for the few deeds that need them. Without keep()
// they are gone for good once root has become the state folder's owner.
class OwnRights {
 public:
  // True: as at the start, for what follows; programs that are started have them too. False: the
  // state folder's owner again. Nothing happens where there is no difference.
  void use(bool own) const;
  bool kept = false;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct Setup {
  PoolFile pools;
  std::optional<Store> store;
  OwnRights rights;
};

// Reads the pool file, drops root for the state folder's owner, starts the log, opens the store.
// A failure has been printed; the value is the exit code.
// keep_rights: root can be had back (OwnRights).
tl::expected<Setup, int> set_up(const std::string& program, const CommonOptions& options,
                                bool open_store = true, bool keep_rights = false);

// Prints "PROGRAM: message" to standard error.
void complain(const std::string& program, const std::string& message);
int exit_code_of(const Error& error);

}  // namespace tidepool
