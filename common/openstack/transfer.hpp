// Transfer: one HTTP exchange as a curl easy handle, from request to response or Error.
#pragma once

#include <curl/curl.h>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "openstack/http.hpp"

namespace tidepool::openstack {

class Transfer {
 public:
  Transfer(HttpRequest request, const TlsSettings& tls);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return easy_.get(); }
  // What came of it, once curl is done.
  Result<HttpResponse> result(CURLcode code);

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  void set_headers();
  void set_tls(const TlsSettings& tls);
  Error error(CURLcode code) const;

  struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  HttpRequest request_;
  HttpResponse response_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  char reason_[CURL_ERROR_SIZE] = "";
  bool too_large_ = false;
  // Last: curl may still look at the members above while it cleans up.
  std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace tidepool::openstack
