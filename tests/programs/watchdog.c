/* Stand-ins for the two programs that classic function images are built around; the name it is
 * called by says which. Both listen on port 8080 and answer /_/health themselves.
 *
 *   fwatchdog    runs $fprocess for each request: the body is its input, Http_* in its environment
 *                tell the rest, its output is the answer; it must end with 0
 *   of-watchdog  runs $fprocess once, and passes each request on to $upstream_url
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 8080, LINE = 65536, HEADERS = 100, ARGUMENTS = 64, MOST_BODY = 16 << 20, TRIES = 500 };
enum { PATIENCE = 60 /* seconds for one request */ };

struct request {
    char *method, *target;
    char *names[HEADERS], *values[HEADERS];
    int count;
    char *body;
    size_t size;
};

static pid_t upstream = -1;
static int upstream_port;
static int listener;
static volatile sig_atomic_t closing;

static const char *find_header(const struct request *r, const char *name) {
    for (int i = 0; i < r->count; i++)
        if (strcasecmp(r->names[i], name) == 0)
            return r->values[i];
    return NULL;
}

static bool read_line(FILE *in, char *line) {
    if (fgets(line, LINE, in) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static bool read_head(FILE *in, struct request *r) {
    static char line[LINE];
    if (!read_line(in, line) || strtok(line, " ") == NULL)
        return false;
    char *target = strtok(NULL, " ");
    r->method = strdup(line);
    r->target = strdup(target ? target : "/");
    while (read_line(in, line) && line[0] != '\0') {
        char *colon = strchr(line, ':');
        if (colon == NULL || r->count == HEADERS)
            return false;
        *colon = '\0';
        r->names[r->count] = strdup(line);
        r->values[r->count++] = strdup(colon + 1 + strspn(colon + 1, " "));
    }
    return true;
}

static bool copy(FILE *in, FILE *out, size_t size) {
    static char piece[65536];
    while (size > 0) {
        size_t got = fread(piece, 1, size < sizeof piece ? size : sizeof piece, in);
        if (got == 0)
            return false;
        fwrite(piece, 1, got, out);
        size -= got;
    }
    return true;
}

static bool copy_chunks(FILE *in, FILE *out) {
    static char line[LINE];
    size_t total = 0;
    while (read_line(in, line)) {
        size_t size = strtoul(line, NULL, 16);
        if (size == 0)
            return read_line(in, line);
        total += size;
        if (total > MOST_BODY || !copy(in, out, size) || !read_line(in, line))
            return false;
    }
    return false;
}

static bool read_body(FILE *in, struct request *r) {
    const char *length = find_header(r, "content-length");
    size_t wanted = length ? strtoul(length, NULL, 10) : 0;
    FILE *out = open_memstream(&r->body, &r->size);
    bool whole = wanted <= MOST_BODY &&
                 (find_header(r, "transfer-encoding") ? copy_chunks(in, out) : copy(in, out, wanted));
    fclose(out);
    return whole;
}

static void answer(int peer, int status, const char *type, const char *body, size_t size) {
    dprintf(peer, "HTTP/1.1 %d Answered\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", status,
            type, size);
    dprintf(peer, "Connection: close\r\n\r\n");
    FILE *out = fdopen(dup(peer), "w");
    fwrite(body, 1, size, out);
    fclose(out);
}

static void refuse(int peer, int status, const char *sentence) {
    answer(peer, status, "text/plain", sentence, strlen(sentence));
}

/* Replaces this process by $fprocess, which is split at spaces. */
static void become_function(void) {
    char *arguments[ARGUMENTS + 1] = {NULL}, *process = strdup(getenv("fprocess") ?: "cat");
    int count = 0;
    for (char *word = strtok(process, " "); word && count < ARGUMENTS; word = strtok(NULL, " "))
        arguments[count++] = word;
    signal(SIGPIPE, SIG_DFL);
    if (count > 0)
        execvp(arguments[0], arguments);
    fprintf(stderr, "cannot run fprocess: %s\n", strerror(errno));
    _exit(127);
}

/* X-Call-Id becomes Http_X_Call_Id, however it was written. */
static void set_variable(const char *name, const char *value) {
    static char variable[LINE];
    bool first = true;
    snprintf(variable, sizeof variable, "Http_%s", name);
    for (char *c = variable + strlen("Http_"); *c; c++) {
        *c = (char)(first ? toupper((unsigned char)*c) : tolower((unsigned char)*c));
        first = *c == '-';
        *c = *c == '-' ? '_' : *c;
    }
    setenv(variable, value, 1);
}

static void set_environment(const struct request *r) {
    static char length[32];
    char *target = strdup(r->target), *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    for (int i = 0; i < r->count; i++)
        set_variable(r->names[i], r->values[i]);
    snprintf(length, sizeof length, "%zu", r->size);
    setenv("Http_Method", r->method, 1);
    setenv("Http_Path", target, 1);
    setenv("Http_Query", query ? query : "", 1);
    setenv("Http_ContentLength", length, 1);
    setenv("Http_Content_Length", length, 1);
}

static void run_function(int peer, const struct request *r) {
    int input = memfd_create("body", 0), ends[2], status = 0;
    if (input < 0 || pipe(ends) != 0 || write(input, r->body, r->size) != (ssize_t)r->size)
        return refuse(peer, 500, "the watchdog has no room\n");
    lseek(input, 0, SEEK_SET);
    pid_t child = fork();
    if (child == 0) {
        set_environment(r);
        dup2(input, 0);
        dup2(ends[1], 1);
        close(ends[0]);
        close(ends[1]);
        close(peer);
        become_function();
    }
    close(ends[1]);
    char *output = NULL, piece[65536];
    size_t size = 0;
    FILE *out = open_memstream(&output, &size);
    for (ssize_t got; (got = read(ends[0], piece, sizeof piece)) > 0;)
        fwrite(piece, 1, (size_t)got, out);
    fclose(out);
    waitpid(child, &status, 0);
    const char *type = getenv("content_type") ?: find_header(r, "content-type") ?: "text/plain";
    answer(peer, status == 0 ? 200 : 500, type, output, size);
}

static int connect_upstream(int tries) {
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)upstream_port)};
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < tries; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&there, sizeof there) == 0)
            return fd;
        close(fd);
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    return -1;
}

static bool is_passed_on(const char *name) {
    const char *kept[] = {"connection", "content-length", "transfer-encoding", "expect", NULL};
    for (const char **one = kept; *one; one++)
        if (strcasecmp(*one, name) == 0)
            return false;
    return true;
}

static void pass_on(int peer, const struct request *r) {
    int there = connect_upstream(TRIES);
    if (there < 0)
        return refuse(peer, 502, "the function's server does not answer\n");
    FILE *out = fdopen(dup(there), "w");
    fprintf(out, "%s %s HTTP/1.1\r\n", r->method, r->target);
    for (int i = 0; i < r->count; i++)
        if (is_passed_on(r->names[i]))
            fprintf(out, "%s: %s\r\n", r->names[i], r->values[i]);
    fprintf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", r->size);
    fwrite(r->body, 1, r->size, out);
    fclose(out);
    char piece[65536];
    for (ssize_t got; (got = read(there, piece, sizeof piece)) > 0;)
        if (write(peer, piece, (size_t)got) != got)
            return;
}

static void answer_health(int peer) {
    int there = upstream > 0 ? connect_upstream(1) : 0;
    if (there < 0)
        refuse(peer, 503, "the function's server does not answer\n");
    else
        refuse(peer, 200, "OK");
}

static void answer_request(int peer) {
    struct request r = {0};
    FILE *in = fdopen(dup(peer), "r");
    if (!read_head(in, &r))
        return refuse(peer, 400, "this is no HTTP request\n");
    if (find_header(&r, "expect"))
        dprintf(peer, "HTTP/1.1 100 Continue\r\n\r\n");
    if (!read_body(in, &r))
        return refuse(peer, 400, "the body is not whole, or too large\n");
    if (strcmp(r.target, "/_/health") == 0)
        answer_health(peer);
    else if (upstream > 0)
        pass_on(peer, &r);
    else
        run_function(peer, &r);
}

static void on_child(int number) {
    (void)number;
    for (pid_t ended; (ended = waitpid(-1, NULL, WNOHANG)) > 0;)
        if (ended == upstream)
            _exit(closing ? 0 : 1);
}

/* Takes no more requests; those under way are finished. */
static void on_term(int number) {
    (void)number;
    closing = 1;
    close(listener);
    if (upstream > 0)
        kill(upstream, SIGTERM);
}

static void start_upstream(void) {
    const char *url = getenv("upstream_url") ?: "", *colon = strrchr(url, ':');
    sigset_t ended, before;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, &before); /* until its number is known */
    upstream_port = colon ? atoi(colon + 1) : 0;
    pid_t child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        become_function();
    }
    upstream = child;
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void serve(void) {
    while (!closing) {
        int peer = accept(listener, NULL, NULL);
        if (peer < 0)
            continue;
        if (fork() == 0) {
            signal(SIGTERM, SIG_DFL);
            signal(SIGCHLD, SIG_DFL);
            alarm(PATIENCE);
            close(listener);
            answer_request(peer);
            shutdown(peer, SHUT_WR);
            _exit(0);
        }
        close(peer);
    }
    signal(SIGCHLD, SIG_DFL);
    while (wait(NULL) > 0)
        ;
}

int main(int count, char **arguments) {
    (void)count;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int one = 1;
    signal(SIGPIPE, SIG_IGN);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) != 0 || listen(listener, 256) != 0) {
        perror("watchdog");
        return 1;
    }
    signal(SIGCHLD, on_child);
    signal(SIGTERM, on_term);
    if (strstr(arguments[0], "of-watchdog"))
        start_upstream();
    puts("listening on 8080");
    fflush(stdout);
    serve();
    return 0;
}
