#include "http/connection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace tidepool::sim {
namespace {

constexpr int kIdleMilliseconds = 5000;   // an idle connection holds a thread: not for long
constexpr int kReadMilliseconds = 10000;  // within a request
constexpr int kSlice = 100;               // how late we may notice that the server stops

thread_local Fate current_fate = Fate::kSend;

void name_of(int socket, bool remote, std::string& ip, int& port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if ((remote ? getpeername(socket, raw, &size) : getsockname(socket, raw, &size)) != 0) return;
  char host[NI_MAXHOST], service[NI_MAXSERV];
  if (getnameinfo(raw, size, host, sizeof host, service, sizeof service,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return;
  ip = host;
  port = std::atoi(service);
}

}  // namespace

void set_fate(Fate fate) {
  current_fate = fate;
}

Connection::Connection(int socket) : socket_(socket) {}

bool Connection::has_input(int milliseconds) const {
  if (in_at_ < in_.size()) return true;
  pollfd item{socket_, POLLIN, 0};
  return poll(&item, 1, milliseconds) > 0;
}

bool Connection::is_readable() const {
  return has_input(kReadMilliseconds);
}

bool Connection::is_writable() const {
  return true;
}

ssize_t Connection::read(char* ptr, size_t size) {
  if (in_at_ == in_.size()) {
    if (!flush(out_.size()) || !has_input(kReadMilliseconds)) return -1;  // "100 Continue" first
    char chunk[16384];
    const ssize_t n = recv(socket_, chunk, sizeof chunk, 0);
    if (n <= 0) return n;
    in_.assign(chunk, static_cast<std::size_t>(n));
    in_at_ = 0;
  }
  const std::size_t n = std::min(size, in_.size() - in_at_);
  std::memcpy(ptr, in_.data() + in_at_, n);
  in_at_ += n;
  return static_cast<ssize_t>(n);
}

ssize_t Connection::write(const char* ptr, size_t size) {
  out_.append(ptr, size);
  return static_cast<ssize_t>(size);
}

bool Connection::flush(std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = send(socket_, out_.data() + done, size - done, MSG_NOSIGNAL);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  out_.clear();
  return true;
}

bool Connection::finish() {
  const Fate fate = current_fate;
  if (fate == Fate::kSend) return flush(out_.size());
  if (fate == Fate::kTruncate) {
    const auto head = out_.find("\r\n\r\n");
    const std::size_t body = head == std::string::npos ? out_.size() : head + 4;
    flush(body + (out_.size() - body) / 2);
  }
  if (fate == Fate::kReset) {
    const linger now{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  return false;
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  name_of(socket_, true, ip, port);
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  name_of(socket_, false, ip, port);
}

HttpServer::HttpServer(int threads,
                       std::function<void(const httplib::Request&, httplib::Response&)> handle) {
  new_task_queue = [threads] { return new httplib::ThreadPool(static_cast<std::size_t>(threads)); };
  Get(".*", handle);
  Post(".*", handle);
  Put(".*", handle);
  Patch(".*", handle);
  Delete(".*", handle);
  set_tcp_nodelay(true);
  set_keep_alive_max_count(1000000);
  // No SO_REUSEPORT (the default here): a second simulator on the same port has to fail.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  Connection connection(socket);
  std::string ip;
  int port = 0;
  connection.get_remote_ip_and_port(ip, port);
  [[maybe_unused]] std::string local_ip;
  [[maybe_unused]] int local_port = 0;
  connection.get_local_ip_and_port(local_ip, local_port);
  bool over = false;
  while (!over && svr_sock_ != INVALID_SOCKET) {
    int waited = 0;
    while (!connection.has_input(kSlice)) {
      waited += kSlice;
      if (waited >= kIdleMilliseconds || svr_sock_ == INVALID_SOCKET) break;
    }
    if (!connection.has_input(0)) break;
    bool closed = false;
    const auto prepare = [&](httplib::Request& request) {
      // The library would read a body without a length until the end of the connection.
      if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding"))
        request.set_header("Content-Length", "0");
      request.remote_addr = ip;
      request.remote_port = port;
    };
    // 0.18 (Debian 13) is told both ends of the connection, 0.11 (Debian 12) asks for them.
    const bool handled = [&](auto& self) {
      if constexpr (requires {
                      self.process_request(connection, ip, port, ip, port, false, closed, prepare);
                    })
        return self.process_request(connection, ip, port, local_ip, local_port, false, closed,
                                    prepare);
      else
        return self.process_request(connection, false, closed, prepare);
    }(*this);
    over = !connection.finish() || !handled || closed;
  }
  // An orderly end would forestall the reset that close() is to send.
  if (current_fate != Fate::kReset) shutdown(socket, SHUT_RDWR);
  current_fate = Fate::kSend;
  close(socket);
  return true;
}

}  // namespace tidepool::sim
