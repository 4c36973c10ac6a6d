namespace LinuxP2V.Engine.Ssh;

/// <summary>
/// Logins at jump hosts. All that go through the same one at the same time share one login: many at once would run into its
/// MaxStartups, and each would be another failure for a lock that counts them.
/// </summary>
internal static class JumpHostLogins
{
    private static readonly Dictionary<Key, Login> Open = [];

    /// <returns>To be disposed when the machine behind is done with.</returns>
    /// <exception cref="P2VException">As of <see cref="SshConnection.ConnectAsync"/>.</exception>
    public static async Task<Lease> TakeAsync(SshTarget jumpHost, IEngineConsole console, CancellationToken cancellationToken)
    {
        var login = Share(jumpHost, console);
        var lease = new Lease(login);
        try
        {
            // Not cancelled with one of those who wait for it.
            var cancelled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (cancellationToken.Register(() => cancelled.TrySetResult(true)))
                await Task.WhenAny(login.Connecting, cancelled.Task).ConfigureAwait(false);

            cancellationToken.ThrowIfCancellationRequested();
            await login.Connecting.ConfigureAwait(false);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private static Login Share(SshTarget jumpHost, IEngineConsole console)
    {
        var key = Key.Of(jumpHost);
        lock (Open)
        {
            if (!Open.TryGetValue(key, out var login) || login.IsOver)
            {
                var made = new Login(Task.Run(() => SshConnection.ConnectAsync(jumpHost, console, CancellationToken.None)));
                made.Forget = () =>
                {
                    if (Open.TryGetValue(key, out var known) && known == made)
                        Open.Remove(key);
                };
                Open[key] = login = made;
            }

            login.Users++;
            return login;
        }
    }

    private static void Release(Login login)
    {
        lock (Open)
        {
            if (--login.Users > 0)
                return;

            login.Forget();
        }

        login.Connecting.ContinueWith(
            connecting =>
            {
                if (connecting.Status == TaskStatus.RanToCompletion)
                    connecting.Result.Dispose();
                else
                    _ = connecting.Exception;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    /// <summary>Which login it is, with its secrets and the rule for the host's key: another password is another login.</summary>
    private sealed record Key(
        string Host,
        int Port,
        string User,
        string Rule,
        string? Password,
        string? PrivateKey,
        string? Passphrase,
        string? Certificate,
        bool UsesSshAgent,
        Key? Behind
    )
    {
        public static Key Of(SshTarget target) =>
            new(
                target.Host,
                target.Port,
                target.User,
                target.Trust.Rule,
                target.Secrets.Password,
                target.Secrets.PrivateKey,
                target.Secrets.Passphrase,
                target.Secrets.Certificate,
                target.Secrets.UsesSshAgent,
                target.JumpHost is null ? null : Of(target.JumpHost)
            );

        /// <summary>Never a secret.</summary>
        public override string ToString() => $"{User}@{Host}:{Port}";
    }

    internal sealed class Login(Task<SshConnection> connecting)
    {
        public Task<SshConnection> Connecting => connecting;

        public int Users { get; set; }

        public Action Forget { get; set; } = () => { };

        /// <summary>It failed, or its connection is gone.</summary>
        public bool IsOver =>
            connecting.IsFaulted || connecting.IsCanceled || (connecting.Status == TaskStatus.RanToCompletion && !connecting.Result.IsOpen);
    }

    /// <summary>One machine's share in a login.</summary>
    internal sealed class Lease(Login login) : IDisposable
    {
        private int isOver;

        /// <summary>Only once it is there.</summary>
        public SshConnection Connection => login.Connecting.Result;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                Release(login);
        }
    }
}
