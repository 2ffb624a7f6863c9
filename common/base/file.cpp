#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>

#include "base/fd.hpp"

namespace tidepool {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(errno, path.string());
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(errno, path.string());
    if (n == 0) return text;
    if (text.size() + static_cast<std::size_t>(n) > limit)
      return fail(ErrorKind::invalid,
                  fmt::format("{}: larger than {} bytes", path.string(), limit));
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

namespace {

// like: nullptr keeps the owner that a new file has.
Result<void> write_whole(const std::filesystem::path& path, std::string_view text, mode_t mode,
                         const struct stat* like) {
  std::string temporary = path.string() + ".XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return fail_errno(errno, path.string());
  const auto give_up = [&](int code) {
    ::unlink(temporary.c_str());
    return fail_errno(code, path.string());
  };
  while (!text.empty()) {
    const ssize_t n = ::write(fd.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return give_up(errno);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (like != nullptr && (like->st_uid != ::geteuid() || like->st_gid != ::getegid()) &&
      ::fchown(fd.get(), like->st_uid, like->st_gid) != 0)
    return give_up(errno);
  if (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) return give_up(errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(errno);
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  Fd folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
  return {};
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view text,
                                   mode_t mode) {
  return write_whole(path, text, mode, nullptr);
}

Result<void> replace_file(const std::filesystem::path& like, std::string_view text,
                          const std::filesystem::path& target) {
  struct stat st {};
  if (::stat(like.c_str(), &st) != 0) return fail_errno(errno, like.string());
  std::error_code ec;
  const auto behind = std::filesystem::canonical(target, ec);
  return write_whole(ec ? target : behind, text, st.st_mode & 07777, &st);
}

Result<void> make_private_folder(const std::filesystem::path& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) == 0) {
    if (!S_ISDIR(st.st_mode))
      return fail(ErrorKind::io, fmt::format("{}: is not a folder", path.string()));
    if ((st.st_mode & S_IWOTH) != 0)
      return fail(ErrorKind::io,
                  fmt::format("{}: may be written by everybody; chmod 0700 it", path.string()));
    return {};
  }
  if (path.has_parent_path() && path.parent_path() != path) {
    struct stat up {};
    if (::stat(path.parent_path().c_str(), &up) != 0)
      if (auto made = make_private_folder(path.parent_path()); !made) return made;
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno(errno, path.string());
  return {};
}

}  // namespace tidepool
