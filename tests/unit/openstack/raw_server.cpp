#include "raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <cstdlib>
#include <utility>

RawServer::RawServer(std::function<void(int)> serve) : serve_(std::move(serve)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    ADD_FAILURE() << "no loopback socket";
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  ending_ = true;
  accepting_.join();
  {
    // Wakes every serve() that still waits for its peer.
    const std::lock_guard lock(mutex_);
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : serving_) thread.join();
  ::close(listener_);
}

void RawServer::accept_all() {
  while (!ending_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      open_.insert(socket);
    }
    ++connections_;
    serving_.emplace_back([this, socket] { serve_one(socket); });
  }
}

void RawServer::serve_one(int socket) {
  serve_(socket);
  const std::lock_guard lock(mutex_);
  open_.erase(socket);
  ::close(socket);
}

std::string read_request(int socket) {
  std::string text;
  char buffer[4096];
  while (true) {
    if (const auto head = text.find("\r\n\r\n"); head != std::string::npos) {
      const auto length = text.find("Content-Length: ");
      const auto body = length < head ? std::strtoul(text.c_str() + length + 16, nullptr, 10) : 0;
      if (text.size() >= head + 4 + body) return text;
    }
    const ssize_t n = ::recv(socket, buffer, sizeof buffer, 0);
    if (n <= 0) return {};
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

void write_text(int socket, const std::string& text) {
  ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}
