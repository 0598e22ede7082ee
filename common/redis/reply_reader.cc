#include "common/redis/reply_reader.h"

#include <cerrno>
#include <new>

#include <hiredis/read.h>

namespace redis_zk::redis {

namespace {

constexpr std::size_t longest_reply = 4 * 1024 * 1024;

// Where the parser wants the next value. In a list it is appended, so a list costs what has
// arrived. Appending moves the elements, but the parser holds a pointer only to lists that it has
// not finished, and of those each is the last element of its parent.
Reply* place(const redisReadTask* task) {
    if (task->parent == nullptr) return new Reply;
    return &static_cast<Reply*>(task->parent->obj)->list.emplace_back();
}

void* create_text(const redisReadTask* task, char* text, std::size_t length) noexcept {
    Reply* reply = place(task);
    reply->kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
    reply->text.assign(text, length);
    return reply;
}

void* create_list(const redisReadTask* task, int) noexcept {
    Reply* reply = place(task);
    reply->kind = Reply::Kind::list;
    return reply;
}

void* create_integer(const redisReadTask* task, long long value) noexcept {
    Reply* reply = place(task);
    reply->kind = Reply::Kind::integer;
    reply->integer = value;
    return reply;
}

void* create_nil(const redisReadTask* task) noexcept { return place(task); }

void free_reply(void* reply) noexcept { delete static_cast<Reply*>(reply); }

redisReplyObjectFunctions functions{create_text, create_list, create_integer, create_nil,
                                    free_reply};

core::Error not_understood(const std::string& why) {
    return {core::Fault::connection_lost, "the answer is not the Redis protocol: " + why, EPROTO};
}

}  // namespace

ReplyReader::ReplyReader() : reader_{redisReaderCreateWithFunctions(&functions)} {
    if (!reader_) throw std::bad_alloc{};
}

ReplyReader::~ReplyReader() = default;

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

void ReplyReader::feed(std::string_view bytes) {
    bytes_of_this_reply_ += bytes.size();
    redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

core::Result<std::optional<Reply>> ReplyReader::next() {
    void* made = nullptr;
    if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK)
        return not_understood(reader_->errstr);
    if (made == nullptr) {
        if (bytes_of_this_reply_ > longest_reply) return not_understood("it is over 4 MiB long");
        return std::optional<Reply>{};
    }
    const std::unique_ptr<Reply> reply{static_cast<Reply*>(made)};
    bytes_of_this_reply_ = reader_->len - reader_->pos;
    return std::optional<Reply>{std::move(*reply)};
}

}  // namespace redis_zk::redis
