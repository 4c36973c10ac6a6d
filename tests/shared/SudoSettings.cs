namespace LinuxP2V.Tests.Shared;

/// <summary>Lines of sudoers under which a command still runs: they change how sudo asks, or what it puts between.</summary>
internal static class SudoSettings
{
    public static TheoryData<string> Harmless => ["use_pty", "lecture = always", "passwd_tries = 1", "log_input", "umask_override"];

    /// <summary>Sudo refuses without a terminal.</summary>
    public const string RequiresTerminal = "requiretty";

    /// <param name="setting">One of the above.</param>
    /// <param name="user">For whom.</param>
    /// <returns>What <see cref="TestUser.AllowSudo"/> takes: with a password, and this setting.</returns>
    public static string Rule(string setting, string user) =>
        $"ALL=(ALL) ALL\nDefaults:{user} {setting}\nDefaults:{user} iolog_dir=/home/{user}/log";
}
