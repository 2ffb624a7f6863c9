#include "hook.hpp"

int main(int argc, char** argv) {
  return tidepool::hook_main(tidepool::Hook::resume_fail, argc, argv);
}
