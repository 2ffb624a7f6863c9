// RawServer: says exactly the bytes a test wants, on a port of its own on the loopback.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

// `serve` is called for each connection, in a thread of its own; it returns to close it.
class RawServer {
 public:
  explicit RawServer(std::function<void(int socket)> serve);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve_one(int socket);
  std::function<void(int)> serve_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::set<int> open_;  // sockets that are being served
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

// One request up to the end of its head and body (by Content-Length); "" when the peer closed.
std::string read_request(int socket);
void write_text(int socket, const std::string& text);
