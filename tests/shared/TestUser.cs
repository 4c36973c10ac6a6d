using System.Diagnostics;

namespace LinuxP2V.Tests.Shared;

/// <summary>A user of this machine with a password and a home, who exists until the test ends. Needs root.</summary>
internal sealed class TestUser : IDisposable
{
    /// <summary>It has the characters that shells and command lines treat in their own way.</summary>
    public const string DefaultPassword = "tr0ub4dor & 'three' \"$x\" %PATH%";

    // Of userdel: the user is unknown; the home could not be removed.
    private const int NoSuchUser = 6;
    private const int HomeNotRemoved = 12;

    private readonly string sudoersPath;

    /// <exception cref="InvalidOperationException">The user could not be made.</exception>
    public TestUser()
    {
        Name = $"p2v{Guid.NewGuid():N}"[..12];
        sudoersPath = $"/etc/sudoers.d/{Name}";
        Demand(Run("/usr/sbin/useradd", ["-m", "-s", "/bin/sh", Name]), "useradd");
        Demand(Run("/usr/sbin/chpasswd", [], $"{Name}:{Password}\n"), "chpasswd");
    }

    public string Name { get; }

    public string Password => DefaultPassword;

    public string Home => $"/home/{Name}";

    /// <param name="path">The login shell, such as /usr/bin/fish.</param>
    public void SetShell(string path) => Demand(Run("/usr/sbin/usermod", ["-s", path, Name]), "usermod");

    /// <param name="path">Below the home, such as .bashrc.</param>
    public void WriteHomeFile(string path, string text)
    {
        var file = Path.Combine(Home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <param name="rule">What follows the user's name in sudoers: ALL=(ALL) NOPASSWD: ALL. Null takes the right away.</param>
    public void AllowSudo(string? rule)
    {
        File.Delete(sudoersPath);
        if (rule is null)
            return;

        File.WriteAllText(sudoersPath, $"{Name} {rule}\n");
        File.SetUnixFileMode(sudoersPath, UnixFileMode.UserRead | UnixFileMode.GroupRead);
    }

    public void Dispose()
    {
        File.Delete(sudoersPath);
        // userdel refuses as long as a session of the user is ending.
        for (var i = 0; i < 20 && Run("/usr/sbin/userdel", ["-r", Name]) is not (0 or NoSuchUser or HomeNotRemoved); i++)
            Thread.Sleep(100);
    }

    private static void Demand(int exitCode, string program)
    {
        if (exitCode != 0)
            throw new InvalidOperationException($"{program} ended with {exitCode}: the tests need root.");
    }

    private static int Run(string program, IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
