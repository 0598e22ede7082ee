#include "common/zk/layout.h"

#include "common/zk/path.h"

namespace redis_zk::zk {
namespace {

std::string_view without_last_slash(std::string_view path) {
    return path == "/" ? std::string_view{} : path;
}

}  // namespace

Layout::Layout(std::string_view chroot, std::string_view root)
    : chroot_{without_last_slash(chroot)}, root_{chroot_ + std::string{without_last_slash(root)}} {
    if (root_.empty()) root_ = "/";
}

std::string Layout::master() const { return joined(root_, "master"); }
std::string Layout::term() const { return joined(root_, "term"); }
std::string Layout::roster() const { return joined(root_, "roster"); }

std::string Layout::sentinels() const { return joined(root_, "sentinels"); }
std::string Layout::sentinel(std::string_view uuid) const { return joined(sentinels(), uuid); }

std::string Layout::sentinel_ids() const { return joined(root_, "sentinel-ids"); }
std::string Layout::sentinel_id(std::string_view id) const { return joined(sentinel_ids(), id); }
std::string Layout::sentinel_id_owner(std::string_view id) const {
    return joined(sentinel_id(id), "owner");
}

std::string Layout::members() const { return joined(root_, "members"); }
std::string Layout::member(std::string_view uuid) const { return joined(members(), uuid); }

std::string Layout::lock() const { return joined(root_, "lock"); }
std::string Layout::ghost_lock() const { return joined(root_, "ghost-lock"); }

std::string Layout::history() const { return joined(root_, "history"); }
std::string Layout::history_entry(std::uint64_t term) const {
    return joined(history(), std::to_string(term));
}

std::string Layout::dictator_election(std::string_view service) const {
    return joined(chroot_ + "/elections/redis", service);
}
std::string Layout::dictator_master(std::string_view service) const {
    return joined(joined(chroot_ + "/services/redis", service), "master");
}

}  // namespace redis_zk::zk
