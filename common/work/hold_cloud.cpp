#include "work/hold_cloud.hpp"

#include <fmt/format.h>

#include "base/process.hpp"

namespace tidepool {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// The last line of what a command said, for people.
std::string last_words(const ProcessOutput& output) {
  std::string text = output.err.empty() ? output.out : output.err;
  while (!text.empty() && text.back() <= ' ') text.pop_back();
  if (const auto line = text.rfind('\n'); line != std::string::npos) text.erase(0, line + 1);
  return text.substr(0, 200);
}

}  // namespace

Task<Result<void>> hold_act(Surroundings& s, std::string server_id,
                            openstack::ServerAction action) {
  auto permit = co_await s.limiter.acquire();
  const auto began = std::chrono::steady_clock::now();
  auto accepted = co_await s.cloud.compute().act(server_id, action);
  permit.done(began, accepted ? nullptr : &accepted.error());
  co_return accepted;
}

Task<Result<void>> hold_hibernate(Surroundings& s, std::string node, std::string address,
                                  std::string server_id) {
  const Pool* pool = s.pools.find(node).pool;
  if (pool == nullptr || pool->hold.hibernate_command.empty())
    co_return co_await hold_act(s, server_id, openstack::ServerAction::stop);
  std::vector<std::string> argv;
  for (const auto& word : pool->hold.hibernate_command)
    argv.push_back(replaced(replaced(word, "{node}", node), "{address}", address));
  const std::string program = argv.front();
  ProcessOptions options;
  options.timeout = pool->hold.hibernate_timeout;
  auto output = co_await run_process(std::move(argv), options);
  if (!output) co_return fail(Error(output.error()).context("hibernate_command"));
  if (output->exit_code != 0)
    co_return fail(ErrorKind::forbidden,
                   fmt::format("the guest does not hibernate: {} ended with {}: {}", program,
                               output->exit_code, last_words(*output)));
  co_return Result<void>{};
}

Task<Result<std::string>> hold_save(Surroundings& s, std::string server_id, std::string name) {
  // An earlier worker may have been killed before it could write the id down.
  auto found = co_await s.cloud.image().find_image(name);
  if (found) co_return found->id;
  if (found.error().kind != ErrorKind::not_found) co_return fail(Error(found.error()));
  auto permit = co_await s.limiter.acquire();
  const auto began = std::chrono::steady_clock::now();
  auto image = co_await s.cloud.compute().create_image(server_id, name);
  permit.done(began, image ? nullptr : &image.error());
  co_return image;
}

Task<Result<std::string>> hold_image_status(Surroundings& s, std::string image_id) {
  auto image = co_await s.cloud.image().get_image(image_id);
  if (!image) co_return fail(Error(image.error()));
  co_return image->status;
}

}  // namespace tidepool
