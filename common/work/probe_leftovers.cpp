#include "work/probe_leftovers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.hpp"
#include "base/lock.hpp"
#include "openstack/json_reader.hpp"
#include "work/journal.hpp"
#include "work/surroundings.hpp"

namespace tidepool {
namespace {

constexpr Millis kDoubt{60'000};

std::filesystem::path probe_intent_file(const std::filesystem::path& state_dir) {
  return state_dir / "probe.intent";
}

bool hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Task<void> probe_nap(Millis time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  boost::system::error_code ec;
  co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ec));
}

}  // namespace

std::filesystem::path probe_lock(const std::filesystem::path& state_dir) {
  return state_dir / "probe.lock";
}

Result<void> save_intent(const std::filesystem::path& state_dir, const ProbeIntent& intent) {
  const nlohmann::ordered_json json{{"id", intent.id},
                                    {"cloud", intent.cloud},
                                    {"begun_ms", to_millis(intent.begun)},
                                    {"create_begun_ms", to_millis(intent.create_begun)}};
  return write_file_atomically(probe_intent_file(state_dir), json.dump() + "\n", 0600);
}

std::optional<ProbeIntent> load_intent(const std::filesystem::path& state_dir) {
  std::error_code ec;
  if (!std::filesystem::exists(probe_intent_file(state_dir), ec)) return std::nullopt;
  ProbeIntent intent;
  const auto text = read_file(probe_intent_file(state_dir), 4096);
  if (!text) return intent;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  std::int64_t begun = 0, create_begun = 0;
  auto ok = openstack::JsonReader(json, "probe.intent")
                .text("id", intent.id)
                .text("cloud", intent.cloud)
                .number("begun_ms", begun)
                .number("create_begun_ms", create_begun)
                .done();
  if (!ok) return ProbeIntent{};
  intent.begun = from_millis(begun);
  intent.create_begun = from_millis(create_begun);
  return intent;
}

Result<void> remove_intent(const std::filesystem::path& state_dir) {
  std::error_code ec;
  std::filesystem::remove(probe_intent_file(state_dir), ec);
  if (ec) return fail_errno(ec.value(), probe_intent_file(state_dir).string());
  return {};
}

std::string probe_name(const std::string& cluster, const std::string& id) {
  return fmt::format("tidepool-probe-{}-{}", cluster, id);
}

bool is_probe_name(const std::string& cluster, std::string_view name) {
  const std::string head = probe_name(cluster, "");
  if (!name.starts_with(head)) return false;
  name.remove_prefix(head.size());
  // 8 digits, "-", the server's number, and what Nova or we append to an image's name.
  if (name.size() < 10 || !hex(name.substr(0, 8)) || name[8] != '-') return false;
  name.remove_prefix(9);
  const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
  if (digits == 0) return false;
  name.remove_prefix(digits);
  return name.empty() || name == "-image" || name == "-shelved";
}

Task<Result<ProbeThings>> find_probe_things(openstack::Cloud& cloud, std::string cluster) {
  ProbeThings things;
  auto identity = co_await cloud.session().identity();
  if (!identity) co_return tl::unexpected(identity.error());
  auto servers = co_await cloud.compute().list_servers();
  if (!servers) co_return tl::unexpected(servers.error());
  for (auto& server : *servers)
    if (server.meta(openstack::kMetaCluster) == cluster && !server.meta(kMetaProbe).empty())
      things.servers.push_back(std::move(server));
  auto images = co_await cloud.image().list_images(identity->project_id);
  if (!images) co_return tl::unexpected(images.error());
  for (auto& image : *images)
    if (is_probe_name(cluster, image.name)) things.images.push_back(std::move(image));
  co_return things;
}

Task<Result<int>> remove_probe_things(openstack::Cloud& cloud, std::string cluster, Millis patience,
                                      Time in_doubt) {
  const Time end = now() + patience;
  std::set<std::string> seen;
  while (true) {
    auto things = co_await find_probe_things(cloud, cluster);
    if (!things && !things.error().retryable()) co_return tl::unexpected(things.error());
    std::string left;
    Millis nap{1000};
    if (things) {
      for (const auto& server : things->servers) {
        auto gone = co_await cloud.compute().delete_server(server.id);
        left = server.name;
        if (!gone) left += ": " + gone.error().message;
        if (seen.insert(server.id).second) in_doubt = {};
      }
      // Images after servers: one may be the disk that a server stands on.
      for (const auto& image : things->images) {
        seen.insert(image.id);
        if (!things->servers.empty()) continue;
        auto gone = co_await cloud.image().delete_image(image.id);
        if (!gone) left = image.name + ": " + gone.error().message;
      }
      const bool images_asked = things->servers.empty() && !things->images.empty();
      const bool doubt = in_doubt != Time{} && now() < in_doubt + kDoubt;
      if (things->empty() && !doubt) co_return static_cast<int>(seen.size());
      if (images_asked) nap = Millis(200);
    } else {
      left = things.error().message;
    }
    if (now() >= end)
      co_return fail(ErrorKind::timeout,
                     fmt::format("not cleaned up after {}{}", rough_duration(patience),
                                 left.empty() ? "" : ": " + left));
    co_await probe_nap(nap);
  }
}

Task<Result<void>> sweep_killed_probe(Surroundings& s) {
  const auto& dir = s.pools.state.dir;
  const auto intent = load_intent(dir);
  if (!intent || now() - intent->begun < s.pools.policy.orphan_grace) co_return Result<void>{};
  if (!intent->cloud.empty() && intent->cloud != s.cloud.session().settings().name)
    co_return Result<void>{};
  auto lock = FileLock::try_lock(probe_lock(dir));
  if (!lock) co_return Result<void>{};  // it runs, or another one does
  auto things = co_await find_probe_things(s.cloud, s.pools.cluster);
  if (!things) co_return tl::unexpected(things.error());
  if (things->empty()) co_return remove_intent(dir);
  for (const auto& server : things->servers) {
    auto gone = co_await s.cloud.compute().delete_server(server.id);
    if (!gone) co_return tl::unexpected(gone.error());
    note(s.store, LogLevel::warning,
         {"", "probe's server deleted", server.name + ": left by a probe that was killed",
          server.id, ""});
  }
  for (const auto& image : things->images) {
    if (!things->servers.empty()) break;
    auto gone = co_await s.cloud.image().delete_image(image.id);
    if (!gone) co_return tl::unexpected(gone.error());
  }
  co_return Result<void>{};
}

}  // namespace tidepool
