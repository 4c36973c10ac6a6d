namespace LinuxP2V.Agent.Tests.Source;

/// <summary>A user of this machine with a password, gone again after the test, with what sudo was told of it.</summary>
public sealed class ThrowAwayUser : IDisposable
{
    public ThrowAwayUser()
    {
        Name = $"p2vt{Guid.NewGuid():N}"[..12];
        Password = $"pw '\"$ {Guid.NewGuid():N}";
        Shell.Run($"useradd -M -d / -s /bin/sh {Name}; printf '%s:%s\\n' {Name} {Shell.Quote(Password)} | chpasswd");
    }

    public string Name { get; }

    public string Password { get; }

    private string SudoersPath => $"/etc/sudoers.d/{Name}";

    /// <param name="rule">Behind the user's name: ALL=(ALL) NOPASSWD: ALL.</param>
    public void Allow(string rule)
    {
        File.WriteAllText(SudoersPath, $"{Name} {rule}\n");
        File.SetUnixFileMode(SudoersPath, UnixFileMode.UserRead);
    }

    public void Dispose()
    {
        File.Delete(SudoersPath);
        Shell.Run($"userdel {Name}");
    }
}
