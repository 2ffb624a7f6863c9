#pragma once
#include <httplib.h>

#include <atomic>
#include <functional>
#include <string>

// cpp-httplib's server with connections of our own: a reply leaves in one piece (no delayed-ACK
// waits), and a handler may let the connection break in scripted ways.
namespace tidepool::sim {

// What happens to the reply of the request that this thread is handling. Reset for each request.
enum class Fate { kSend, kDrop, kTruncate, kReset };
void set_fate(Fate fate);

class Connection : public httplib::Stream {
 public:
  explicit Connection(int socket);
  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* ptr, size_t size) override;
  ssize_t write(const char* ptr, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

  bool has_input(int milliseconds) const;  // something to read, or the end of the connection
  // Sends what has been written according to the fate; false when the connection is over.
  bool finish();

 private:
  bool flush(std::size_t size);
  const int socket_;
  std::string in_, out_;
  std::size_t in_at_ = 0;
};

class HttpServer : public httplib::Server {
 public:
  // Every request goes to `handle`.
  HttpServer(int threads, std::function<void(const httplib::Request&, httplib::Response&)> handle);

 private:
  bool process_and_close_socket(socket_t socket) override;
};

}  // namespace tidepool::sim
