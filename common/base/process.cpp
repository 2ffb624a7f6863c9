#include "base/process.hpp"

#include <signal.h>

#include <utility>

#include <fmt/format.h>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/async.hpp>
#include <memory>

namespace tidepool {
namespace {
namespace asio = boost::asio;
namespace bp = boost::process;

// Reads until the end of the pipe, keeping at most `limit` bytes.
Task<void> drain(std::shared_ptr<bp::async_pipe> pipe, std::shared_ptr<std::string> into,
                 std::size_t limit) {
  char buffer[8192];
  while (true) {
    boost::system::error_code ec;
    const std::size_t n = co_await pipe->async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
    if (ec) co_return;
    if (into->size() < limit) into->append(buffer, std::min(n, limit - into->size()));
  }
}

struct Running {
  explicit Running(asio::io_context& context)
      : out(std::make_shared<bp::async_pipe>(context)),
        err(std::make_shared<bp::async_pipe>(context)),
        done(context, asio::steady_timer::time_point::max()) {}
  std::shared_ptr<bp::async_pipe> out, err;
  std::shared_ptr<std::string> out_text = std::make_shared<std::string>();
  std::shared_ptr<std::string> err_text = std::make_shared<std::string>();
  asio::steady_timer done;  // cancelled when a part ends
  int parts = 3;            // exit, out, err
  int native_exit = 0;
  void part_done() {
    if (--parts == 0) done.cancel();
  }
};

}  // namespace

Task<Result<ProcessOutput>> run_process(std::vector<std::string> argv, ProcessOptions options) {
  const auto executor = co_await asio::this_coro::executor;
  auto& context = static_cast<asio::io_context&>(executor.context());
  boost::filesystem::path program(argv.at(0));
  if (argv[0].find('/') == std::string::npos) {
    program = bp::search_path(argv[0]);
    // slurmctld gives its programs no PATH at all.
    if (program.empty())
      program = bp::search_path(argv[0], {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"});
    if (program.empty())
      co_return fail(ErrorKind::not_found,
                     argv[0] + ": not found in PATH, nor in /usr/local/bin, /usr/bin, /bin");
  }
  bp::environment environment = boost::this_process::environment();
  for (const auto& [key, value] : options.environment) environment[key] = value;

  auto running = std::make_shared<Running>(context);
  std::error_code ec;
  bp::child child(
      bp::exe = program, bp::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      environment, bp::std_in<bp::null, bp::std_out> * running->out, bp::std_err > *running->err,
      ec, context, bp::on_exit = [running](int, const std::error_code&) { running->part_done(); });
  if (ec)
    co_return fail(
        ec == std::errc::no_such_file_or_directory ? ErrorKind::not_found : ErrorKind::io,
        fmt::format("{}: {}", program.string(), ec.message()));
  const auto read = [&](auto pipe, auto text, std::size_t limit) {
    asio::co_spawn(executor, drain(pipe, text, limit),
                   [running](std::exception_ptr) { running->part_done(); });
  };
  read(running->out, running->out_text, std::size_t{64} << 20);
  read(running->err, running->err_text, std::size_t{1} << 20);

  running->done.expires_after(options.timeout);
  boost::system::error_code wait_ec;
  if (running->parts > 0)
    co_await running->done.async_wait(asio::redirect_error(asio::use_awaitable, wait_ec));
  if (running->parts > 0) {
    std::error_code ignored;
    child.terminate(ignored);
    running->out->close();
    running->err->close();
    co_return fail(ErrorKind::timeout,
                   fmt::format("{}: no answer in {} ms", argv[0], options.timeout.count()));
  }
  const int status = child.native_exit_code();
  ProcessOutput output;
  output.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  output.out = std::move(*running->out_text);
  output.err = std::move(*running->err_text);
  co_return output;
}

}  // namespace tidepool
