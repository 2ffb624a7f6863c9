// Small files, read and written whole.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tidepool {

// The whole file; an error when it is larger than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = 4u << 20);

// Replaces the file so that a reader sees the old or the new one, whole, also after a crash:
// temporary file in the same folder, fsync, rename, fsync of the folder.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text,
                                   mode_t mode);

// The same for a file that others own: `target` (`like` itself, or a new file beside it) gets the
// text with owner, group and mode of `like`, which must exist. A symbolic link stays one: the file
// behind it is replaced. Giving a file to another owner needs the rights for it.
Result<void> replace_file(const std::filesystem::path& like, std::string_view text,
                          const std::filesystem::path& target);

// Makes the folder (and parents) with mode 0700; an existing one is left as it is, but must be
// writable by us and not by others.
Result<void> make_private_folder(const std::filesystem::path& path);

}  // namespace tidepool
