using LinuxP2V.Agent.Source;

namespace LinuxP2V.Agent.Tests.Source;

public sealed class PromptTests
{
    [Theory]
    [InlineData("root@web01's password: ", true, false)]
    [InlineData("(root@web01) Password: ", true, false)]
    [InlineData("(root@web01) Passwort: ", true, false)]
    [InlineData("(token@new ) Password: ", true, false)]
    [InlineData("Enter passphrase for (stdin): ", false, true)]
    [InlineData("Enter passphrase for key '/x/password': ", false, true)]
    [InlineData("Bad passphrase, try again for (stdin): ", false, false)]
    [InlineData("(root@web01) Verification code: ", false, false)]
    [InlineData("(root@web01) New password: ", false, false)]
    [InlineData("One-time password (OATH) for `root': ", false, false)]
    [InlineData(
        "The authenticity of host 'password' can't be established. Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
        false,
        false
    )]
    public void Each_secret_goes_only_where_it_is_asked_for(string prompt, bool isPassword, bool isPassphrase)
    {
        var expected =
            isPassword ? PromptKind.Password
            : isPassphrase ? PromptKind.Passphrase
            : PromptKind.Unknown;
        Assert.Equal(expected, Prompt.Classify(prompt));
    }

    [Fact]
    public async Task A_secret_is_given_once_for_a_ticket()
    {
        var folder = Directory.CreateTempSubdirectory("p2v-ask-").FullName;
        await using (var server = new AskPassServer(Path.Combine(folder, "s")))
        {
            var ticket = server.Issue("the word", null);
            Assert.Equal((1, ""), Ask(server, ticket, "Are you sure you want to continue connecting (yes/no)? "));
            Assert.Equal((1, ""), Ask(server, "0123", "u@h's password: "));
            Assert.Equal((0, "the word\n"), Ask(server, ticket, "u@h's password: "));
            Assert.Equal((1, ""), Ask(server, ticket, "u@h's password: "));
            var withdrawn = server.Issue("the word", null);
            server.Withdraw(withdrawn);
            Assert.Equal((1, ""), Ask(server, withdrawn, "u@h's password: "));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static (int Code, string Output) Ask(AskPassServer server, string ticket, string prompt)
    {
        var (code, output, _) = Shell.Try(
            $"{AskPass.SocketVariable}={Shell.Quote(server.SocketPath)} {AskPass.TicketVariable}={ticket} "
                + $"{Shell.Quote(Session.AttachedAgent.Binary)} {Shell.Quote(prompt)}"
        );
        return (code, output);
    }
}
