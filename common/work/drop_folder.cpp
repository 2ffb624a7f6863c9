#include "work/drop_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/fault_point.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "work/reclaim_request.hpp"
#include "work/uuid.hpp"

namespace tidepool {
namespace {

using DropJson = nlohmann::ordered_json;

constexpr std::size_t kLargestDrop = 4096;
constexpr std::size_t kMostNames = 1000;  // looked at in one go
constexpr std::size_t kMostOpen = 64;     // of files, at once

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

std::string asker_of(const std::string& name) {
  return "file " + name;
}

Result<Fd> open_folder(const std::filesystem::path& path) {
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_errno(errno, path.string());
  struct stat st {};
  if (::fstat(folder.get(), &st) != 0) return fail_errno(errno, path.string());
  if (st.st_uid != ::geteuid())
    return fail(ErrorKind::invalid,
                fmt::format("{} must belong to the user that the worker runs as: it removes files "
                            "of others there",
                            path.string()));
  if ((st.st_mode & S_IWOTH) != 0 && (st.st_mode & S_ISVTX) == 0)
    return fail(ErrorKind::invalid,
                fmt::format("{} is writable by all without the sticky bit: 'chmod 1777 {}', or "
                            "give it a group",
                            path.string(), path.string()));
  return folder;
}

std::vector<std::string> names_in(const Fd& folder) {
  std::vector<std::string> names;
  const int fd = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return names;
  std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd));
  if (!dir) {
    ::close(fd);
    return names;
  }
  while (const auto* entry = ::readdir(dir.get())) {
    if (is_drop_name(entry->d_name)) names.emplace_back(entry->d_name);
    if (names.size() >= kMostNames) break;
  }
  return names;
}

Time changed_at(const struct stat& st) {
  return from_millis(std::int64_t{st.st_ctim.tv_sec} * 1000 + st.st_ctim.tv_nsec / 1'000'000);
}

// The text of a plain file; invalid: it is none, or too large.
Result<std::string> read_drop(const Fd& folder, const std::string& name) {
  // Not waiting for a pipe's writer, and no symbolic link.
  Fd file(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file)
    return fail(ErrorKind::invalid, fmt::format("cannot be read: {}", std::strerror(errno)));
  struct stat st {};
  if (::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
    return fail(ErrorKind::invalid, "is no plain file with one name");
  std::string text(kLargestDrop + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorKind::invalid, "cannot be read");
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kLargestDrop)
    return fail(ErrorKind::invalid, fmt::format("is larger than {} bytes", kLargestDrop));
  text.resize(size);
  return text;
}

// The answer beside it, whole; then the request's file goes. A link or folder in the answer's
// place is replaced, or stays; what it points to is never touched.
void write_answer(const Fd& folder, const std::string& name, const char* ending,
                  const DropJson& answer) {
  const std::string part = fmt::format(".{}", random_uuid());
  const std::string text = answer.dump(2, ' ', false, DropJson::error_handler_t::replace) + "\n";
  Fd file(::openat(folder.get(), part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   0644));
  bool done = bool(file);
  if (done) {
    ::fchmod(file.get(), 0644);
    done = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           ::fsync(file.get()) == 0 &&
           ::renameat(folder.get(), part.c_str(), folder.get(), (name + ending).c_str()) == 0;
  }
  if (!done) {
    log_event(LogLevel::warning, "a file in the drop folder cannot be answered",
              {{"file", name}, {"why", std::strerror(errno)}});
    ::unlinkat(folder.get(), part.c_str(), 0);
  }
  fault_point("reclaims.drop.answered");
  ::unlinkat(folder.get(), name.c_str(), 0);
}

DropJson amount_json(const Amount& a) {
  return {{"nodes", a.instances}, {"cores", a.cores}, {"ram_mib", a.ram_mib}};
}

}  // namespace

bool is_drop_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.front() == '.' || name.front() == '-' ||
      name.ends_with(".done") || name.ends_with(".error"))
    return false;
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "._-") == std::string_view::npos;
}

Result<ReclaimRecord> read_drop_file(std::string_view text, const ReclaimSection& rules, Time at) {
  ReclaimRecord r = new_request(rules, "", at);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    const DropJson json = DropJson::parse(text, nullptr, false);
    if (!json.is_object()) return fail(ErrorKind::invalid, "is no JSON object");
    for (const auto& [key, value] : json.items()) {
      if (!value.is_string() && !value.is_number_unsigned())
        return fail(ErrorKind::invalid,
                    fmt::format("{}: a text or a number is expected", key.substr(0, 60)));
      const std::string word = value.is_string() ? value.get<std::string>() : value.dump();
      if (auto done = set_word(r, key, word); !done) return tl::unexpected(done.error());
    }
  } else {
    int number = 0;
    while (!text.empty()) {
      const auto end = text.find('\n');
      std::string_view line = text.substr(0, end);
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
      ++number;
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (line.empty() || line.front() == '#') continue;
      const auto equals = line.find('=');
      if (equals == std::string_view::npos)
        return fail(ErrorKind::invalid, fmt::format("line {}: key=value is expected", number));
      if (auto done = set_word(r, line.substr(0, equals), line.substr(equals + 1)); !done)
        return fail(Error(done.error()).context(fmt::format("line {}", number)));
    }
  }
  if (auto good = check_request(r); !good) return tl::unexpected(good.error());
  return r;
}

void DropFolder::complain(const Error& error) {
  if (complained_ == error.message) return;
  complained_ = error.message;
  log_error(LogLevel::error, "the drop folder cannot be used", error);
}

Result<void> DropFolder::take_in() {
  if (!given()) return {};
  auto folder = open_folder(rules_.drop_folder);
  if (!folder) {
    complain(folder.error());
    return {};
  }
  complained_.clear();
  const auto names = names_in(*folder);
  if (names.empty()) return {};
  auto going_on = store_.reclaims();
  if (!going_on) return tl::unexpected(going_on.error());
  std::size_t open = 0;
  for (const auto& r : *going_on)
    if (r.kind == ReclaimKind::request && r.by.starts_with("file ")) ++open;
  for (const auto& name : names) {
    struct stat st {};
    if (::fstatat(folder->get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    // Cannot be removed by us, and would be answered for ever.
    if (S_ISDIR(st.st_mode)) continue;
    auto last = store_.last_reclaim(ReclaimKind::request, asker_of(name));
    if (!last) return tl::unexpected(last.error());
    if (*last && ((*last)->active() || (*last)->since >= changed_at(st))) continue;
    if (open >= kMostOpen) continue;
    // An older request's.
    for (const char* ending : {".done", ".error"})
      ::unlinkat(folder->get(), (name + ending).c_str(), 0);
    auto text = read_drop(*folder, name);
    Result<ReclaimRecord> request =
        text ? read_drop_file(*text, rules_, std::max(now(), changed_at(st)))
             : Result<ReclaimRecord>(tl::unexpected(text.error()));
    if (!request) {
      log_error(LogLevel::warning, "a file in the drop folder is refused", request.error(),
                {{"file", name}});
      write_answer(*folder, name, ".error",
                   {{"request", nullptr}, {"error", request.error().message}});
      continue;
    }
    request->by = asker_of(name);
    auto added = store_.add_reclaim(*request, true);
    if (!added) return tl::unexpected(added.error());
    ++open;
    log_event(LogLevel::info, "a file in the drop folder asks for room",
              {{"file", name}, {"request", fmt::format("{}", *added)}});
    fault_point("reclaims.drop.taken");
  }
  return {};
}

Result<void> DropFolder::answer() {
  if (!given()) return {};
  auto folder = open_folder(rules_.drop_folder);
  if (!folder) return {};
  for (const auto& name : names_in(*folder)) {
    auto last = store_.last_reclaim(ReclaimKind::request, asker_of(name));
    if (!last) return tl::unexpected(last.error());
    if (!*last || (*last)->step == ReclaimStep::open) continue;
    const ReclaimRecord& r = **last;
    struct stat st {};
    if (::fstatat(folder->get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (r.since < changed_at(st)) continue;  // a newer file of that name
    const bool there = r.step != ReclaimStep::missed && r.cancelled.empty();
    DropJson answer{{"request", r.id}, {"need", amount_json(r.need)}, {"book", to_string(r.book)}};
    if (there)
      answer["kept_until"] = format_time(r.step_since + r.keep);
    else
      answer["error"] = r.cancelled.empty() ? r.note : "cancelled by " + r.cancelled;
    write_answer(*folder, name, there ? ".done" : ".error", answer);
  }
  // Who takes the file away does not want the room any more.
  auto going_on = store_.reclaims();
  if (!going_on) return tl::unexpected(going_on.error());
  for (const auto& r : *going_on) {
    if (r.kind != ReclaimKind::request || r.step != ReclaimStep::open || !r.cancelled.empty() ||
        !r.by.starts_with("file "))
      continue;
    struct stat st {};
    if (::fstatat(folder->get(), r.by.c_str() + 5, &st, AT_SYMLINK_NOFOLLOW) == 0) continue;
    if (errno != ENOENT) continue;
    auto done = store_.cancel_reclaim(r.id, "removal of its file");
    if (!done && done.error().kind != ErrorKind::not_found) return done;
  }
  return {};
}

}  // namespace tidepool
