#pragma once
#include <string>

#include "cloud/cloud.hpp"

namespace tidepool::sim {

struct Room {
  long count = 0;       // how many servers may be made
  std::string refusal;  // "Quota exceeded for ..", in nova's words, when not even the least fit
};

// How many of `least`..`most` servers of this flavor the project's quota lets in.
Room room_for(const Cloud& cloud, const std::string& project_id, const Flavor& flavor, long least,
              long most);

}  // namespace tidepool::sim
