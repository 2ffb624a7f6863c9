// The drop folder: whoever may write into it asks for room with a file, without any rights of ours.
//
//   NAME            the request: JSON ({"cores": 64, "deadline": "120s"}) or lines of key=value;
//                   keys: cores, ram, nodes, from, book, keep, deadline. Made under another name
//                   that begins with a dot, and renamed
//   NAME.done       the room is there; NAME is gone
//   NAME.error      it is not, or the file could not be read: why
//
// What is in the folder is hostile: symbolic links, what is no plain file, has other names (hard
// links) or more than 4096 bytes is refused unread. The answers are JSON, for all to read.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "config/reclaim_policy.hpp"
#include "store/store.hpp"

namespace tidepool {

// A request in a file's words. invalid: the message says which word is wrong.
Result<ReclaimRecord> read_drop_file(std::string_view text, const ReclaimSection& rules, Time at);
// Is it a request's name? Not hidden, not an answer, of letters, digits and "._-" only.
bool is_drop_name(std::string_view name);

class DropFolder {
 public:
  DropFolder(const ReclaimSection& rules, Store& store) : rules_(rules), store_(store) {}
  static constexpr Millis kEvery{2'000};
  bool given() const { return !rules_.drop_folder.empty(); }

  // New files become requests. An Error is the store's; a folder that cannot be read is logged.
  Result<void> take_in();
  // Requests of files whose room is there, or that have ended, are answered.
  Result<void> answer();

 private:
  void complain(const Error& error);
  const ReclaimSection& rules_;
  Store& store_;
  std::string complained_;
};

}  // namespace tidepool
