/* What containers of the tests run; the name it is called by says what it does. The same programs
 * are in faasd.node.adapters.memory.programs.
 *
 *   serve     listens on port 8080 (or $PORT) and answers JSON: method, path, headers, body, env,
 *             secrets. X-Want-Status and X-Want-Location of the request choose status and Location.
 *   exit N    ends at once with status N
 *   silent    runs and never listens
 *   stubborn  serves and ignores SIGTERM
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECRETS "/var/openfaas/secrets"
enum { REQUEST = 1 << 20 };
static char request[REQUEST + 1];
static char *answer;
static size_t answer_size;

static void on_term(int number) {
    (void)number;
    _exit(0);
}

static void put_string(FILE *out, const char *text, size_t length) {
    fputc('"', out);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void put_pair(FILE *out, const char *name, const char *value, size_t length) {
    put_string(out, name, strlen(name));
    fputs(": ", out);
    put_string(out, value, length);
}

static void put_env(FILE *out) {
    extern char **environ;
    fputs("\"env\": {", out);
    for (char **entry = environ; *entry; entry++) {
        char *equals = strchr(*entry, '=');
        fputs(entry == environ ? "" : ", ", out);
        put_string(out, *entry, (size_t)(equals - *entry));
        fputs(": ", out);
        put_string(out, equals + 1, strlen(equals + 1));
    }
    fputs("}", out);
}

static void put_secrets(FILE *out) {
    DIR *directory = opendir(SECRETS);
    const char *comma = "";
    fputs(", \"secrets\": {", out);
    for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
        static char path[512], content[65536];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, SECRETS "/%s", entry->d_name);
        FILE *file = fopen(path, "r");
        size_t length = file ? fread(content, 1, sizeof content, file) : 0;
        fputs(comma, out);
        put_pair(out, entry->d_name, content, length);
        comma = ", ";
        if (file)
            fclose(file);
    }
    if (directory)
        closedir(directory);
    fputs("}", out);
}

/* Reads one request whole; returns where its body begins, or NULL. */
static char *read_request(int peer, size_t *body_length) {
    size_t have = 0, wanted = 0;
    char *body = NULL;
    while (body == NULL || (size_t)(request + have - body) < wanted) {
        ssize_t got = have < REQUEST ? read(peer, request + have, REQUEST - have) : 0;
        if (got <= 0)
            return NULL;
        have += (size_t)got;
        request[have] = '\0';
        if (body == NULL && (body = strstr(request, "\r\n\r\n")) != NULL) {
            char *header = strcasestr(request, "\r\ncontent-length:");
            wanted = header != NULL && header < body ? strtoul(header + 17, NULL, 10) : 0;
            body += 4;
        }
    }
    *body_length = wanted;
    return body;
}

/* Writes the headers as JSON; finds the two that choose the answer. */
static void put_headers(FILE *out, char *line, char *end, int *status, char **location) {
    const char *comma = "";
    fputs("\"headers\": {", out);
    while (line < end) {
        char *stop = strstr(line, "\r\n"), *colon = strchr(line, ':');
        if (stop == NULL || stop == line || colon == NULL || colon > stop)
            break;
        *colon = *stop = '\0';
        for (char *c = line; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        char *value = colon + 1 + strspn(colon + 1, " ");
        fputs(comma, out);
        put_pair(out, line, value, strlen(value));
        comma = ", ";
        if (strcmp(line, "x-want-status") == 0)
            *status = atoi(value);
        if (strcmp(line, "x-want-location") == 0)
            *location = value;
        line = stop + 2;
    }
    fputs("}, ", out);
}

static void answer_request(int peer) {
    size_t length = 0;
    char *body = read_request(peer, &length), *location = NULL;
    if (body == NULL)
        return;
    int status = 200;
    char *first = strstr(request, "\r\n"), *method = strtok(request, " "), *path = strtok(NULL, " ");
    FILE *out = open_memstream(&answer, &answer_size);
    fputs("{", out);
    put_headers(out, first + 2, body, &status, &location);
    put_pair(out, "method", method, strlen(method));
    fputs(", ", out);
    put_pair(out, "path", path ? path : "", path ? strlen(path) : 0);
    fputs(", ", out);
    put_pair(out, "body", body, length);
    fputs(", ", out);
    put_env(out);
    put_secrets(out);
    fputs("}", out);
    fclose(out);
    dprintf(peer, "HTTP/1.0 %d Wanted\r\nContent-Type: application/json\r\n", status);
    if (location != NULL)
        dprintf(peer, "Location: %s\r\n", location);
    dprintf(peer, "Content-Length: %zu\r\n\r\n", answer_size);
    if (strcmp(method, "HEAD") != 0)
        dprintf(peer, "%s", answer);
    free(answer);
}

static int serve(void) {
    const char *port = getenv("PORT");
    struct sockaddr_in any = {.sin_family = AF_INET};
    any.sin_port = htons((uint16_t)(port ? atoi(port) : 8080));
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&any, sizeof any) != 0 || listen(listener, 256) != 0) {
        perror("serve");
        return 1;
    }
    printf("listening on %s\n", port ? port : "8080");
    fflush(stdout);
    for (;;) {
        int peer = accept(listener, NULL, NULL);
        answer_request(peer);
        shutdown(peer, SHUT_WR);
        close(peer);
    }
}

int main(int count, char **arguments) {
    const char *slash = strrchr(arguments[0], '/'), *name = slash ? slash + 1 : arguments[0];
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(name, "exit") == 0)
        return count > 1 ? atoi(arguments[1]) : 0;
    signal(SIGTERM, strcmp(name, "stubborn") == 0 ? SIG_IGN : on_term);
    if (strcmp(name, "silent") == 0)
        for (;;)
            pause();
    return serve();
}
