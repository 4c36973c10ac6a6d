using System.Text.RegularExpressions;
using LinuxP2V.Protocol.Messages;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace LinuxP2V.Engine.Ssh;

/// <summary>
/// A password as answer to the server's own question for it and to keyboard-interactive prompts. It is sent once: many
/// servers lock an account after three wrong ones. Other questions are never answered with it.
/// </summary>
internal sealed class PasswordLogin(string user, string password, string host)
{
    /// <summary>Words of questions for something else: a code, a PIN, a new password.</summary>
    private static readonly Regex OtherQuestion = new(
        @"\b(code|token|otp|one[- ]time|verification|passcode|pin|authenticator|duo|challenge|response)\b"
            + @"|\b(new|retype|re-enter|again|current|old)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase
    );

    private bool isSent;

    private string UserName => user;

    private string Secret => password;

    private string HostName => host;

    public AuthenticationMethod[] Methods() => [new OwnQuestion(this), Prompts()];

    /// <summary>The answers to one round of prompts.</summary>
    /// <exception cref="P2VException">
    /// SourceAuthenticationFailed: the server asks for what nobody can answer, or for the password that it refused before.
    /// </exception>
    internal void Answer(AuthenticationPromptEventArgs round)
    {
        foreach (var prompt in round.Prompts)
        {
            var question = prompt.Request.Trim();
            if (prompt.IsEchoed || OtherQuestion.IsMatch(question))
            {
                throw Refused(
                    $"{host} asks {user} for '{question}', which a password does not answer.",
                    "Log in with a key, or exempt the user from the second factor on the machine. Change an expired password there first."
                );
            }

            if (isSent)
            {
                throw Refused(
                    $"{host} refused the password of {user}.",
                    "Check user and password; for root by password sshd needs 'PermitRootLogin yes'."
                );
            }

            isSent = true;
            prompt.Response = password;
        }
    }

    private KeyboardInteractiveAuthenticationMethod Prompts()
    {
        var method = new KeyboardInteractiveAuthenticationMethod(user);
        method.AuthenticationPrompt += (_, round) => Answer(round);
        return method;
    }

    private P2VException Refused(string cause, string remedy) => new(ErrorIds.SourceAuthenticationFailed, cause, remedy, host);

    private sealed class OwnQuestion : PasswordAuthenticationMethod
    {
        private readonly PasswordLogin login;

        public OwnQuestion(PasswordLogin login)
            : base(login.UserName, login.Secret)
        {
            this.login = login;
            PasswordExpired += (_, _) =>
                throw login.Refused(
                    $"The password of {login.UserName} on {login.HostName} has expired.",
                    "Change it on the machine, or log in with a key."
                );
        }

        public override AuthenticationResult Authenticate(Session session)
        {
            if (login.isSent)
                return AuthenticationResult.Failure;

            login.isSent = true;
            return base.Authenticate(session);
        }
    }
}
