using LinuxP2V.Lab.Processes;

namespace LinuxP2V.Windows.Tests.Source;

/// <summary>A user of this machine with a password, who may become root by sudo with it. Needs root.</summary>
internal sealed class ThrowawayUser : IAsyncDisposable
{
    private ThrowawayUser(string name) => Name = name;

    public string Name { get; }

    /// <summary>With what shells and command lines like to change.</summary>
    public string Password { get; } = "tr0ub4dor & 'three' \"$x\" %PATH%";

    private string Sudoers => $"/etc/sudoers.d/{Name}";

    public static async Task<ThrowawayUser> MakeAsync()
    {
        var user = new ThrowawayUser("p2v" + Guid.NewGuid().ToString("N")[..8]);
        (await Command.RunAsync("useradd", ["-m", "-s", "/bin/sh", user.Name], CancellationToken.None)).OrThrow("No user");
        (await Command.RunAsync("chpasswd", [], CancellationToken.None, $"{user.Name}:{user.Password}\n")).OrThrow("No password");
        await File.WriteAllTextAsync(user.Sudoers, $"{user.Name} ALL=(ALL) ALL\n");
        File.SetUnixFileMode(user.Sudoers, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        return user;
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(Sudoers);
        // A session of the user may still be ending.
        for (var i = 0; i < 20 && !(await Command.RunAsync("userdel", ["-r", Name], CancellationToken.None)).Succeeded && Exists(); i++)
        {
            await Task.Delay(100);
        }
    }

    private bool Exists() => File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{Name}:", StringComparison.Ordinal));
}
