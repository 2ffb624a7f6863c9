#include "http/reply.hpp"

namespace tidepool::sim {
namespace {

const char* nova_name(int status) {
  switch (status) {
    case 400:
      return "badRequest";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "itemNotFound";
    case 405:
      return "badMethod";
    case 409:
      return "conflictingRequest";
    case 413:
      return "overLimit";
    case 415:
      return "badMediaType";
    case 429:
      return "overLimit";
    case 501:
      return "notImplemented";
    case 503:
      return "serviceUnavailable";
    default:
      return "computeFault";
  }
}

}  // namespace

Reply nova_error(int status, const std::string& message) {
  Reply answer = reply(status, {{nova_name(status), {{"code", status}, {"message", message}}}});
  answer.type = "application/json; charset=UTF-8";
  return answer;
}

Reply nova_not_found(const std::string& server_id) {
  return nova_error(404, "Instance " + server_id + " could not be found.");
}

Reply nova_forbidden(const std::string& rule) {
  return nova_error(403, "Policy doesn't allow os_compute_api:" + rule + " to be performed.");
}

Reply neutron_error(int status, const std::string& type, const std::string& message) {
  return reply(status, {{"NeutronError", {{"type", type}, {"message", message}, {"detail", ""}}}});
}

Reply keystone_error(int status, const std::string& title, const std::string& message) {
  return reply(status, {{"error", {{"code", status}, {"title", title}, {"message", message}}}});
}

Reply unauthorized(const std::string& keystone_url) {
  return keystone_error(401, "Unauthorized", "The request you have made requires authentication.")
      .header("WWW-Authenticate", "Keystone uri=\"" + keystone_url + "\"");
}

Reply placement_error(int status, const std::string& title, const std::string& detail,
                      const std::string& request_id) {
  return reply(status, {{"errors",
                         {{{"status", status},
                           {"title", title},
                           {"detail", detail},
                           {"code", "placement.undefined_code"},
                           {"request_id", request_id}}}}});
}

Reply glance_error(int status, const std::string& title, const std::string& message) {
  Reply answer;
  answer.status = status;
  const std::string name = std::to_string(status) + " " + title;
  answer.raw = "<html>\n <head>\n  <title>" + name + "</title>\n </head>\n <body>\n  <h1>" + name +
               "</h1>\n  " + message + "<br /><br />\n\n\n </body>\n</html>";
  answer.type = "text/html; charset=UTF-8";
  return answer;
}

Reply unknown_path() {
  return reply(404, {{"message", "The resource could not be found.<br /><br />\n\n\n"},
                     {"code", "404 Not Found"},
                     {"title", "Not Found"}});
}

}  // namespace tidepool::sim
