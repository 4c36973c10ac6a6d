using System.Diagnostics;
using System.Text;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>Every login shell hands a script to sh as it was written.</summary>
public sealed class LoginShellTests
{
    private const int WordsOfACommand = 1_000;

    /// <summary>What shells treat in their own way, line ends and letters of several bytes.</summary>
    private const string Characters = "ab 0'\"\\`$!%^&*()[]{}<>|;?~#=+-_.,:@/\t\n\re\u00fc\u20ac";

    public static TheoryData<string> Shells => ["bash", "dash", "busybox sh", "mksh", "zsh", "fish", "tcsh", "csh"];

    [Theory]
    [MemberData(nameof(Shells))]
    public void Random_words_arrive_unchanged(string shell) => AssertUnchanged(shell, 5_000);

    [Theory]
    [Trait("Run", "Full")]
    [MemberData(nameof(Shells))]
    public void A_hundred_thousand_random_words_arrive_unchanged(string shell) => AssertUnchanged(shell, 100_000);

    [Theory]
    [MemberData(nameof(Shells))]
    public void Input_and_exit_code_are_those_of_the_script(string shell)
    {
        var (exitCode, output, _) = Command.Try(
            "line\n",
            Program(shell),
            [.. Arguments(shell), LoginShell.Run("read -r x\necho \"<$x>\"\nexit 7")]
        );
        Assert.Equal((7, "<line>\n"), (exitCode, output));
    }

    /// <summary>A client that sends the end of the input to a channel that has just closed loses the connection.</summary>
    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_command_of_discovery_ends_after_its_input(string shell)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
                Program(shell),
                [.. Arguments(shell), ElevatedCommand.BuildToEndOfInput("echo started\nexit 3", Elevation.None)]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await process.StandardInput.WriteAsync(ElevatedCommand.InputPreamble(Elevation.None, null) + "a last line without an end");
        await process.StandardInput.FlushAsync();
        Assert.Equal("started", await process.StandardOutput.ReadLineAsync());
        await Task.Delay(200);
        Assert.False(process.HasExited);

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(3, process.ExitCode);
    }

    [Fact]
    public void The_line_is_printable_ASCII_without_what_shells_change_inside_quotes()
    {
        var line = LoginShell.Run("echo 'it''s' \"$x\" \\ `y` ! \n 100% \u00fc");
        Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        var quoted = line["sh -c '".Length..^1];
        Assert.DoesNotContain('\'', quoted);
        Assert.DoesNotContain('!', quoted);
        Assert.DoesNotMatch(@"\\(?![0-3][0-7][0-7])", quoted);
        Assert.Throws<ArgumentException>(() => LoginShell.Run("a\0b"));
    }

    private static void AssertUnchanged(string shell, int count)
    {
        var random = new Random(20261129);
        for (var command = 0; command < count / WordsOfACommand; command++)
        {
            var words = Enumerable.Range(0, WordsOfACommand).Select(_ => Word(random)).ToArray();
            var script = "printf '%s\\0' " + PosixShell.Join(words);
            Assert.Equal(words, Run(shell, LoginShell.Run(script)).TrimEnd('\0').Split('\0'));
        }
    }

    private static string Word(Random random)
    {
        var word = new StringBuilder();
        for (var length = random.Next(1, 16); length > 0; length--)
            word.Append(Characters[random.Next(Characters.Length)]);

        return word.ToString();
    }

    private static string Run(string shell, string line) => Command.Run(Program(shell), [.. Arguments(shell), line]);

    private static string Program(string shell) => shell.Split(' ')[0];

    private static string[] Arguments(string shell) => [.. shell.Split(' ').Skip(1), "-c"];
}
