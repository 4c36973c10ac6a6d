using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Tests.Sources;

/// <summary>What a server's prompts get for an answer.</summary>
public sealed class PasswordLoginTests
{
    [Theory]
    [InlineData("Password: ")]
    [InlineData("(admin@web01) Password: ")]
    [InlineData("admin's password:")]
    [InlineData("Passwort: ")]
    [InlineData("Mot de passe : ")]
    [InlineData("\u30d1\u30b9\u30ef\u30fc\u30c9:")]
    public void The_question_for_the_password_is_answered_once(string question)
    {
        var login = new PasswordLogin("admin", "geheim", "web01");
        Assert.Equal("geheim", Ask(login, question, isEchoed: false));
        var error = Assert.Throws<P2VException>(() => Ask(login, question, isEchoed: false));
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.ErrorId);
        Assert.Contains("refused the password", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Verification code: ", false)]
    [InlineData("Enter PASSCODE: ", false)]
    [InlineData("One-time password (OATH) for `admin': ", false)]
    [InlineData("Current password: ", false)]
    [InlineData("New password: ", false)]
    [InlineData("Retype new password: ", false)]
    [InlineData("Duo two-factor login for admin", false)]
    [InlineData("Password: ", true)]
    public void Another_question_is_told_and_never_gets_the_password(string question, bool isEchoed)
    {
        var error = Assert.Throws<P2VException>(() => Ask(new PasswordLogin("admin", "geheim", "web01"), question, isEchoed));
        Assert.Equal(ErrorIds.SourceAuthenticationFailed, error.ErrorId);
        Assert.Contains(question.Trim(), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.Message + error.Remedy, StringComparison.Ordinal);
    }

    private static string? Ask(PasswordLogin login, string question, bool isEchoed)
    {
        var prompt = new AuthenticationPrompt(0, isEchoed, question);
        login.Answer(new AuthenticationPromptEventArgs("admin", "", "", [prompt]));
        return prompt.Response;
    }
}
