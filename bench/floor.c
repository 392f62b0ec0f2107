/* floor.c - what sending one live FLV stream to many viewers must cost: one thread that does nothing else.
 *
 *   floor FILE.flv PORT TICK_MS
 *
 * The file is laid out in one buffer, looped with running timestamps. A clock uncovers it in real time; at each tick every
 * viewer is sent, by one send, what lies between its cursor and the uncovered end. Viewers that block keep their cursor.
 * There is no server in it: no queue limits, no keep-alive, no access, one stream. It listens on 127.0.0.1. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MINUTES = 25, HEAD_START_MS = 4000, FRAME_MS = 40, EVENTS = 256 };
enum { AUDIO = 8, VIDEO = 9, SCRIPT = 18, TAG_HEAD = 11, TRAILER = 4, FILE_HEAD = 13 };

struct viewer { int fd, slot, is_on; size_t at; };
struct tag { size_t end; int64_t due; int is_key; };

static uint8_t *media, preface[1 << 16];
static size_t preface_length, head, key_at, tag_count, next_tag;
static struct tag *tags;
static struct viewer **viewers;
static int viewer_count, viewer_room, ep;

static void die(const char *what) { perror(what); exit(1); }
static int64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }
static uint32_t be24(const uint8_t *p) { return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]; }

static size_t put_tag(uint8_t *to, const uint8_t *tag, uint32_t size, uint32_t time) {
    memcpy(to, tag, TAG_HEAD + size + TRAILER);
    to[4] = (uint8_t)(time >> 16); to[5] = (uint8_t)(time >> 8); to[6] = (uint8_t)time; to[7] = (uint8_t)(time >> 24);
    return TAG_HEAD + size + TRAILER;
}

static int is_header(int type, const uint8_t *body) {
    return type == SCRIPT || (type == VIDEO && body[1] == 0) || (type == AUDIO && body[0] >> 4 == 10 && body[1] == 0);
}

static void load(const char *file, int64_t start) {
    FILE *f = fopen(file, "rb"); if (!f) die(file);
    fseek(f, 0, SEEK_END); size_t n = (size_t)ftell(f); rewind(f);
    uint8_t *d = malloc(n); if (!d || fread(d, 1, n, f) != n) die("read"); fclose(f);
    size_t room = 0, tag_room = 0, length = 0; uint32_t base = 0, last = 0;
    memcpy(preface, "FLV\1\5\0\0\0\11\0\0\0\0", preface_length = FILE_HEAD);
    for (size_t at = FILE_HEAD, lap = 0; last < MINUTES * 60000u; ) {
        if (at + TAG_HEAD > n || at + TAG_HEAD + TRAILER + be24(d + at + 1) > n) {
            if (tag_count == 0) { fprintf(stderr, "%s: no media\n", file); exit(1); }
            lap++; base = last + FRAME_MS; at = FILE_HEAD; continue;
        }
        const uint8_t *tag = d + at, *body = tag + TAG_HEAD; int type = tag[0] & 31;
        uint32_t size = be24(tag + 1), time = (be24(tag + 4) | (uint32_t)tag[7] << 24) + base;
        at += TAG_HEAD + size + TRAILER;
        if (size < 2 || (type == VIDEO && body[1] == 2)) continue;
        if (is_header(type, body)) {
            if (lap == 0 && preface_length + TAG_HEAD + size + TRAILER < sizeof preface) preface_length += put_tag(preface + preface_length, tag, size, 0);
            continue;
        }
        if (length + TAG_HEAD + size + TRAILER > room) { room = 2 * room + n + size; if (!(media = realloc(media, room))) die("memory"); }
        if (tag_count == tag_room) { tag_room = 2 * tag_room + 4096; if (!(tags = realloc(tags, tag_room * sizeof *tags))) die("memory"); }
        tags[tag_count].is_key = type == VIDEO && body[0] >> 4 == 1;
        length += put_tag(media + length, tag, size, time);
        if (time > last) last = time;
        tags[tag_count].due = start + (int64_t)time * 1000000; tags[tag_count++].end = length;
    }
    free(d);
}

static void drop(struct viewer *v) {
    close(v->fd);
    viewers[v->slot] = viewers[--viewer_count]; viewers[v->slot]->slot = v->slot;
    free(v);
}

/* Returns 0 where the viewer is gone. */
static int send_new(struct viewer *v) {
    if (head == v->at) return 1;
    ssize_t sent = send(v->fd, media + v->at, head - v->at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) v->at += (size_t)sent;
    return sent >= 0 || errno == EAGAIN;
}

static void on_input(struct viewer *v) {
    static const char ok[] = "HTTP/1.0 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n";
    char request[4096]; ssize_t n = recv(v->fd, request, sizeof request, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { drop(v); return; }
    if (v->is_on || !memmem(request, (size_t)n, "\r\n\r\n", 4)) return;   /* on loopback a request comes whole */
    v->at = key_at; v->is_on = 1;
    if (send(v->fd, ok, sizeof ok - 1, MSG_MORE | MSG_NOSIGNAL) < 0 || send(v->fd, preface, preface_length, MSG_MORE | MSG_NOSIGNAL) < 0 || !send_new(v)) drop(v);
}

static void on_connection(int listener) {
    for (int fd, one = 1; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0; ) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (viewer_count == viewer_room && !(viewers = realloc(viewers, (size_t)(viewer_room = 2 * viewer_room + 256) * sizeof *viewers))) die("memory");
        struct viewer *v = calloc(1, sizeof *v); if (!v) die("memory");
        v->fd = fd; v->slot = viewer_count; viewers[viewer_count++] = v;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = v }; epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    }
}

static void uncover(int64_t now) {
    for (; next_tag < tag_count && tags[next_tag].due <= now; next_tag++) {
        if (tags[next_tag].is_key) key_at = head;
        head = tags[next_tag].end;
    }
}

int main(int argc, char **argv) {
    if (argc != 4) { fprintf(stderr, "usage: %s FILE.flv PORT TICK_MS\n", argv[0]); return 2; }
    int port = atoi(argv[2]), one = 1; int64_t tick = atoi(argv[3]) * 1000000LL;
    struct rlimit files; getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    load(argv[1], now_ns() - HEAD_START_MS * 1000000LL);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(listener, (void *)&a, sizeof a) || listen(listener, 4096)) die("listen");
    ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[EVENTS], e = { .events = EPOLLIN, .data.ptr = NULL }; epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);

    for (int64_t due = now_ns(); next_tag < tag_count; ) {
        int64_t now = now_ns();
        if (now >= due) {
            uncover(now);
            for (int i = viewer_count - 1; i >= 0; i--) if (viewers[i]->is_on && !send_new(viewers[i])) drop(viewers[i]);
            due += tick; if (due < now) due = now;
        }
        int64_t wait = (due - now_ns() + 999999) / 1000000;
        int n = epoll_wait(ep, events, EVENTS, wait < 0 ? 0 : (int)wait);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr) on_input(events[i].data.ptr);
            else on_connection(listener);
        }
    }
    return 0;
}
