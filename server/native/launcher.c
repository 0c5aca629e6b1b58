/*
 * Snowglobe's launcher: the few things that Node can't do by itself on Linux.
 *
 *   launcher sandbox SPEC                 runs a builder in new namespaces, its output on stdout
 *   launcher enter STORE MOUNTPOINT CMD…  runs a command that sees STORE at /nix/store
 *   launcher lock [-s] [-n] FD…           takes flock(2) on inherited descriptors
 *
 * It needs no privileges: user namespaces give what it uses. It is linked statically against musl and
 * uses no header of the kernel, so that it can be built anywhere.
 *
 * Exit status: 125 when something could not be set up (one line on stderr says what), 126 when the
 * program could not be executed, 128+N when signal N ended it (and a line "signal N"), 1 when a lock is taken (-n), else the
 * program's own.
 *
 * SPEC is a file of tokens, each ended by a NUL; a keyword and its operands:
 *
 *   root DIR       becomes / ; has proc/, dev/pts/, dev/shm/, nix/store/, etc/
 *   ro SRC DST     bind mount, read-only; DST is inside DIR and exists
 *   rw SRC DST     bind mount
 *   net host|none  none: a network with nothing but loopback
 *   uid N, gid N   what the caller's user and group are called inside
 *   cwd DIR        where the builder starts, inside
 *   linux32        the personality of a 32-bit machine
 *   exec FILE      the builder, inside; argv[0] is its base name
 *   arg TEXT, env NAME=VALUE   any number of them
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define EXIT_SETUP 125
#define EXIT_EXEC 126

static _Noreturn void fail(const char *what, const char *where) {
  int error = errno;
  fprintf(stderr, "%s%s%s: %s\n", what, where ? " " : "", where ? where : "", strerror(error));
  exit(EXIT_SETUP);
}

static _Noreturn void refuse(const char *message) {
  fprintf(stderr, "%s\n", message);
  exit(EXIT_SETUP);
}

static char *join(const char *a, const char *b) {
  char *out;
  if (asprintf(&out, "%s/%s", strcmp(a, "/") ? a : "", b) < 0) fail("memory", NULL);
  return out;
}

/* ---- namespaces ---- */

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) fail("cannot write", path);
  close(fd);
}

static void new_namespaces(int flags) {
  if (unshare(flags) == 0) return;
  switch (errno) {
    case ENOSPC:
      refuse("no user namespace left: the limit user.max_user_namespaces is 0 or used up");
    case EPERM:
      refuse("user namespaces are not permitted here (by a container, AppArmor or kernel.unprivileged_userns_clone)");
    case EINVAL:
    case ENOSYS:
      refuse("this kernel has no user namespaces");
    default:
      fail("cannot make namespaces", NULL);
  }
}

/* The caller's user and group under other numbers; must follow unshare at once. */
static void map_ids(unsigned uid, unsigned gid, unsigned outer_uid, unsigned outer_gid) {
  char line[64];
  write_file("/proc/self/setgroups", "deny");
  snprintf(line, sizeof line, "%u %u 1", uid, outer_uid);
  write_file("/proc/self/uid_map", line);
  snprintf(line, sizeof line, "%u %u 1", gid, outer_gid);
  write_file("/proc/self/gid_map", line);
}

/* ---- mounts ---- */

static void bind_mount(const char *source, const char *target, unsigned long recursive) {
  if (mount(source, target, NULL, MS_BIND | recursive, NULL)) fail("cannot mount", source);
}

/* Flags that a mount has already can't be taken away in a user namespace, so they are kept. */
static void protect(const char *target, unsigned long flags) {
  struct statvfs now;
  if (statvfs(target, &now)) fail("cannot look at", target);
  if (now.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
  if (now.f_flag & ST_NODEV) flags |= MS_NODEV;
  if (now.f_flag & ST_NOSUID) flags |= MS_NOSUID;
  if (now.f_flag & ST_RDONLY) flags |= MS_RDONLY;
  if (now.f_flag & ST_NOATIME) flags |= MS_NOATIME;
  if (now.f_flag & ST_NODIRATIME) flags |= MS_NODIRATIME;
  if (now.f_flag & ST_RELATIME) flags |= MS_RELATIME;
  if (mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | flags, NULL)) fail("cannot protect", target);
}

/* The directory becomes /, and nothing of the old root stays. It must be a mount. */
static void change_root(const char *directory) {
  if (chdir(directory)) fail("cannot enter", directory);
  if (syscall(SYS_pivot_root, ".", ".")) fail("cannot make the root of", directory);
  if (umount2(".", MNT_DETACH)) fail("cannot leave the old root", NULL);
  if (chdir("/")) fail("cannot enter", "/");
}

/* ---- sandbox ---- */

struct filter {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
};
struct program {
  unsigned short length;
  struct filter *filters;
};

#define LOAD(offset) {0x20, 0, 0, offset}
#define RETURN(k) {0x06, 0, 0, k}
#define ALLOW RETURN(0x7fff0000)
#define ERROR(number) RETURN(0x00050000 | (number))
#define IF_EQUAL(k, yes, no) {0x15, yes, no, k}
#define IF_AT_LEAST(k, yes, no) {0x35, yes, no, k}
#define IF_SET(k, yes, no) {0x45, yes, no, k}
#define NR 0
#define ARCH 4
#define ARGUMENT(n) (16 + 8 * (n))

/* Calls that would set the set-user-id or set-group-id bit are refused. */
#define GUARD_MODE(call, argument) \
  IF_EQUAL(call, 0, 4), LOAD(ARGUMENT(argument)), IF_SET(06000, 0, 1), ERROR(EPERM), ALLOW
/* As on a file system without extended attributes and access control lists. */
#define NO_ATTRIBUTES(first, last) \
  IF_AT_LEAST(first, 0, 2), IF_AT_LEAST((last) + 1, 1, 0), ERROR(ENOTSUP)

/* What a store object can't hold must not be seen to work in a build. */
static void install_filter(void) {
  struct filter filters[] = {
    LOAD(ARCH),
#if defined(__x86_64__)
    IF_EQUAL(0xC000003E, 27, 0),
    IF_EQUAL(0x40000003, 1, 0), ERROR(ENOSYS),
    /* i386 */
    LOAD(NR),
    GUARD_MODE(15, 1), GUARD_MODE(94, 1), GUARD_MODE(306, 2), GUARD_MODE(452, 2),
    NO_ATTRIBUTES(226, 234),
    ALLOW,
    /* x86_64, without its x32 variant */
    LOAD(NR),
    IF_AT_LEAST(0x40000000, 0, 1), ERROR(ENOSYS),
    GUARD_MODE(90, 1), GUARD_MODE(91, 1), GUARD_MODE(268, 2), GUARD_MODE(452, 2),
    NO_ATTRIBUTES(188, 196),
#elif defined(__aarch64__)
    IF_EQUAL(0xC00000B7, 1, 0), ERROR(ENOSYS),
    LOAD(NR),
    GUARD_MODE(52, 1), GUARD_MODE(53, 2), GUARD_MODE(452, 2),
    NO_ATTRIBUTES(5, 13),
#else
#error "no seccomp table for this machine"
#endif
    ALLOW,
  };
  struct program program = {sizeof filters / sizeof *filters, filters};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("cannot give up privileges", NULL);
  if (prctl(PR_SET_SECCOMP, 2, &program, 0, 0)) fail("cannot install the system call filter", NULL);
}

struct bind {
  const char *source, *target;
  int read_only;
};

struct spec {
  const char *root, *cwd, *exec;
  unsigned uid, gid;
  int own_network, linux32;
  size_t binds, args, envs;
  struct bind *bind;
  char **arg, **env;
};

/* Room for one more: the list doubles at every power of two. */
static void *grown(void *list, size_t count, size_t size) {
  if (count & (count - 1)) return list;
  list = realloc(list, (count ? 2 * count : 1) * size);
  if (!list) fail("memory", NULL);
  return list;
}

static char *read_whole(const char *path, size_t *size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat stat;
  if (fd < 0 || fstat(fd, &stat)) fail("cannot read", path);
  *size = stat.st_size;
  char *text = malloc(*size + 1);
  if (!text) fail("memory", NULL);
  for (size_t done = 0; done < *size;) {
    ssize_t n = read(fd, text + done, *size - done);
    if (n <= 0) fail("cannot read", path);
    done += n;
  }
  close(fd);
  return text;
}

static char *next_token(char **at, const char *end) {
  char *token = *at;
  if (token >= end) refuse("the spec is cut off");
  *at += strlen(token) + 1;
  return token;
}

static struct spec read_spec(const char *path) {
  struct spec spec = {.cwd = "/", .uid = 1000, .gid = 100, .own_network = 1};
  size_t size;
  char *at = read_whole(path, &size);
  const char *end = at + size;
  if (size == 0 || end[-1] != 0) refuse("the spec does not end with NUL");
  while (at < end) {
    const char *key = next_token(&at, end);
    if (!strcmp(key, "root")) {
      spec.root = next_token(&at, end);
    } else if (!strcmp(key, "ro") || !strcmp(key, "rw")) {
      spec.bind = grown(spec.bind, spec.binds, sizeof *spec.bind);
      struct bind *bind = &spec.bind[spec.binds++];
      bind->read_only = key[1] == 'o';
      bind->source = next_token(&at, end);
      bind->target = next_token(&at, end);
    } else if (!strcmp(key, "net")) {
      spec.own_network = !strcmp(next_token(&at, end), "none");
    } else if (!strcmp(key, "uid")) {
      spec.uid = atoi(next_token(&at, end));
    } else if (!strcmp(key, "gid")) {
      spec.gid = atoi(next_token(&at, end));
    } else if (!strcmp(key, "cwd")) {
      spec.cwd = next_token(&at, end);
    } else if (!strcmp(key, "linux32")) {
      spec.linux32 = 1;
    } else if (!strcmp(key, "exec")) {
      spec.exec = next_token(&at, end);
    } else if (!strcmp(key, "arg")) {
      spec.arg = grown(spec.arg, spec.args, sizeof *spec.arg);
      spec.arg[spec.args++] = next_token(&at, end);
    } else if (!strcmp(key, "env")) {
      spec.env = grown(spec.env, spec.envs, sizeof *spec.env);
      spec.env[spec.envs++] = next_token(&at, end);
    } else {
      refuse("the spec has an unknown keyword");
    }
  }
  if (!spec.root || !spec.exec) refuse("the spec names no root or no builder");
  return spec;
}

static void loopback_up(void) {
  struct ifreq request = {0};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request)) fail("cannot start the loopback network", NULL);
  close(fd);
}

static void mount_tree(const struct spec *spec) {
  char *store = join(spec->root, "nix/store"), *etc = join(spec->root, "etc");
  char *proc = join(spec->root, "proc"), *shm = join(spec->root, "dev/shm");
  char *pts = join(spec->root, "dev/pts"), *ptmx = join(spec->root, "dev/pts/ptmx");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("cannot make mounts private", NULL);
  bind_mount(spec->root, spec->root, MS_REC);
  bind_mount(store, store, 0);
  for (size_t i = 0; i < spec->binds; i++) {
    bind_mount(spec->bind[i].source, spec->bind[i].target, 0);
    if (spec->bind[i].read_only) protect(spec->bind[i].target, MS_RDONLY | MS_NOSUID | MS_NODEV);
  }
  if (mount("proc", proc, "proc", 0, NULL)) {
    /* Parts of the caller's /proc are covered, as in most containers. */
    if (errno != EPERM) fail("cannot mount", proc);
    bind_mount("/proc", proc, MS_REC);
    fprintf(stderr, "warning: /proc is partly covered here, so builds see the processes outside\n");
  }
  if (mount("tmpfs", shm, "tmpfs", 0, "size=50%")) fail("cannot mount", shm);
  if (mount("devpts", pts, "devpts", 0, "newinstance,mode=0620")) fail("cannot mount", pts);
  if (chmod(ptmx, 0666)) fail("cannot open up", ptmx);
  if (chmod(etc, 0555)) fail("cannot close", etc);
}

static void die_with_parent(void) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) fail("cannot tie a process to its parent", NULL);
}

/* A NULL-terminated copy of a list, with room for one before it. */
static char **terminated(char **list, size_t count, size_t before) {
  char **copy = calloc(before + count + 1, sizeof *copy);
  if (!copy) fail("memory", NULL);
  if (count > 0) memcpy(copy + before, list, count * sizeof *copy);
  return copy;
}

static _Noreturn void run_builder(const struct spec *spec, int output) {
  die_with_parent();
  if (spec->own_network) loopback_up();
  if (sethostname("localhost", strlen("localhost"))) fail("cannot set the host name", NULL);
  if (setdomainname("(none)", strlen("(none)"))) fail("cannot set the domain name", NULL);
  mount_tree(spec);
  change_root(spec->root);
  if (chdir(spec->cwd)) fail("cannot enter", spec->cwd);
  int persona = spec->linux32 ? PER_LINUX32 : personality(0xffffffff);
  if (personality(persona | ADDR_NO_RANDOMIZE) < 0) fail("cannot set the personality", NULL);
  struct rlimit no_core = {0, RLIM_INFINITY};
  if (setrlimit(RLIMIT_CORE, &no_core)) fail("cannot switch off core dumps", NULL);
  umask(022);
  setsid();
  int null = open("/dev/null", O_RDWR);
  int errors = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (null < 0 || errors < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0) {
    fail("cannot set up files", NULL);
  }
  install_filter();
  if (setgid(spec->gid) || setuid(spec->uid)) fail("cannot become the build user", NULL);
  /* A change of user unties. */
  die_with_parent();
  /* What Node or a shell ignores is not ignored by builders. */
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  const char *base = strrchr(spec->exec, '/');
  char **argv = terminated(spec->arg, spec->args, 1), **envp = terminated(spec->env, spec->envs, 0);
  argv[0] = (char *)(base ? base + 1 : spec->exec);
  for (int fd = 3; fd < 1024; fd++) {
    if (fd != errors) close(fd);
  }
  dup2(1, 2);
  execve(spec->exec, argv, envp);
  dprintf(errors, "executing '%s': %s\n", spec->exec, strerror(errno));
  _exit(EXIT_EXEC);
}

static volatile pid_t builder;

static void end_builder(int number) {
  (void)number;
  if (builder > 0) kill(builder, SIGKILL);
}

/* A terminal in raw mode, as builders have under Nix; a pipe where there is none to have. */
static void open_output(int *reader, int *writer) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  char name[64];
  struct termios raw;
  if (master >= 0 && !grantpt(master) && !unlockpt(master) && !ptsname_r(master, name, sizeof name)) {
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave >= 0 && !tcgetattr(slave, &raw)) {
      cfmakeraw(&raw);
      if (!tcsetattr(slave, TCSANOW, &raw)) {
        *reader = master;
        *writer = slave;
        return;
      }
    }
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) fail("cannot make a pipe", NULL);
  fprintf(stderr, "warning: no terminal can be made here, so builders write to a pipe\n");
  *reader = ends[0];
  *writer = ends[1];
}

/* Until every process that could write has gone. */
static void forward(int from) {
  char buffer[65536];
  for (;;) {
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    for (ssize_t done = 0; done < n;) {
      ssize_t written = write(1, buffer + done, n - done);
      if (written >= 0) {
        done += written;
      } else if (errno != EINTR) {
        /* Nobody is there to read. */
        end_builder(0);
        return;
      }
    }
  }
}

static int sandbox(const char *spec_file) {
  pid_t parent = getppid();
  die_with_parent();
  if (getppid() != parent) return EXIT_SETUP;
  struct spec spec = read_spec(spec_file);
  unsigned uid = geteuid(), gid = getegid();
  int reader, writer;
  open_output(&reader, &writer);
  new_namespaces(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                 (spec.own_network ? CLONE_NEWNET : 0));
  map_ids(spec.uid, spec.gid, uid, gid);

  const int ends[] = {SIGTERM, SIGINT, SIGHUP};
  struct sigaction action = {.sa_handler = end_builder};
  sigset_t blocked, before;
  sigemptyset(&blocked);
  for (int i = 0; i < 3; i++) {
    sigaddset(&blocked, ends[i]);
    sigaction(ends[i], &action, NULL);
  }
  signal(SIGPIPE, SIG_IGN);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  builder = fork();
  if (builder < 0) fail("cannot start a process", NULL);
  if (builder == 0) run_builder(&spec, writer);
  sigprocmask(SIG_SETMASK, &before, NULL);
  close(writer);
  forward(reader);
  int status;
  /* The builder is the first of its process namespace: when it is gone, all of them are. */
  while (waitpid(builder, &status, 0) < 0) {
    if (errno != EINTR) fail("cannot wait", NULL);
  }
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  fprintf(stderr, "signal %d\n", WTERMSIG(status));
  return 128 + WTERMSIG(status);
}

/* ---- enter ---- */

static void mirror_link(const char *source, const char *target) {
  char text[4096];
  ssize_t n = readlink(source, text, sizeof text - 1);
  if (n < 0) return;
  text[n] = 0;
  if (symlink(text, target)) fail("cannot link", target);
}

/* Shows every entry of one directory in another, but one. */
static void mirror(const char *from, const char *to, const char *except) {
  DIR *directory = opendir(from);
  if (!directory) fail("cannot list", from);
  for (struct dirent *entry; (entry = readdir(directory));) {
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, except)) continue;
    char *source = join(from, name), *target = join(to, name);
    struct stat stat;
    if (!lstat(source, &stat)) {
      if (S_ISLNK(stat.st_mode)) {
        mirror_link(source, target);
      } else {
        int directory_here = S_ISDIR(stat.st_mode);
        if (directory_here ? mkdir(target, 0755) : mknod(target, S_IFREG | 0644, 0)) {
          fail("cannot make", target);
        }
        bind_mount(source, target, MS_REC);
      }
    }
    free(source);
    free(target);
  }
  closedir(directory);
}

static int enter(const char *store, const char *mountpoint, char **command) {
  char *cwd = getcwd(NULL, 0), *root = realpath(mountpoint, NULL);
  unsigned uid = geteuid(), gid = getegid();
  if (!root) fail("cannot find", mountpoint);
  if (access(store, R_OK | X_OK)) fail("cannot read the store", store);
  /* Root needs no user namespace, and keeps all it may do. */
  if (uid != 0 || unshare(CLONE_NEWNS)) {
    new_namespaces(CLONE_NEWUSER | CLONE_NEWNS);
    map_ids(uid, gid, uid, gid);
  }
  /* What is mounted outside later appears inside as well. */
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL)) fail("cannot make mounts private", NULL);
  if (mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")) fail("cannot mount", root);
  char *nix = join(root, "nix"), *inside = join(root, "nix/store");
  mirror("/", root, "nix");
  if (mkdir(nix, 0755)) fail("cannot make", nix);
  if (!access("/nix", R_OK | X_OK)) mirror("/nix", nix, "store");
  if (mkdir(inside, 0755)) fail("cannot make", inside);
  bind_mount(store, inside, 0);
  protect(inside, MS_RDONLY | MS_NOSUID | MS_NODEV);
  change_root(root);
  protect("/", MS_RDONLY | MS_NOSUID | MS_NODEV);
  if (!cwd || chdir(cwd)) fprintf(stderr, "warning: cannot go back to the working directory\n");
  execvp(command[0], command);
  fprintf(stderr, "executing '%s': %s\n", command[0], strerror(errno));
  return errno == ENOENT ? 127 : EXIT_EXEC;
}

/* ---- lock ---- */

static int lock(char **arguments) {
  int kind = LOCK_EX, flags = 0;
  die_with_parent();
  for (; *arguments; arguments++) {
    if (!strcmp(*arguments, "-s")) {
      kind = LOCK_SH;
    } else if (!strcmp(*arguments, "-n")) {
      flags = LOCK_NB;
    } else {
      while (flock(atoi(*arguments), kind | flags)) {
        if (errno == EWOULDBLOCK) return 1;
        if (errno != EINTR) fail("cannot lock", NULL);
      }
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "sandbox")) return sandbox(argv[2]);
  if (argc > 4 && !strcmp(argv[1], "enter")) return enter(argv[2], argv[3], argv + 4);
  if (argc > 2 && !strcmp(argv[1], "lock")) return lock(argv + 2);
  fprintf(stderr, "usage: launcher sandbox SPEC | enter STORE MOUNTPOINT COMMAND... | "
                  "lock [-s] [-n] FD...\n");
  return EXIT_SETUP;
}
