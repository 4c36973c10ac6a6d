using System.Net.Sockets;
using System.Text;

namespace LinuxP2V.Agent.Source;

/// <summary>
/// The program that ssh and ssh-add ask for a secret: it hands the prompt and its ticket to the daemon and prints what
/// it is told. Nothing of the secret is in its arguments, its environment or a file.
/// </summary>
internal static class AskPass
{
    /// <summary>Path of the daemon's private socket; set for ssh and ssh-add alone, which also tells how we were started.</summary>
    public const string SocketVariable = "LINUXP2V_ASKPASS_SOCKET";

    /// <summary>Names the secret, good for one process.</summary>
    public const string TicketVariable = "LINUXP2V_ASKPASS_TICKET";

    /// <returns>0 with the answer on standard output, 1 when there is none.</returns>
    public static async Task<int> RunAsync(string prompt)
    {
        var path = Environment.GetEnvironmentVariable(SocketVariable);
        var ticket = Environment.GetEnvironmentVariable(TicketVariable);
        // ssh says so when it wants a yes or no: that is never a password's place.
        if (
            string.IsNullOrEmpty(path)
            || string.IsNullOrEmpty(ticket)
            || Environment.GetEnvironmentVariable("SSH_ASKPASS_PROMPT") is not null
        )
            return 1;

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"{ticket}\n{prompt.ReplaceLineEndings(" ")}\n"));
            using var answer = new MemoryStream();
            await stream.CopyToAsync(answer);
            if (answer.Length == 0)
                return 1;

            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length));
            return 0;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return 1;
        }
    }
}

internal enum PromptKind
{
    /// <summary>A host key, a second factor, a new password: left without an answer.</summary>
    Unknown,
    Password,
    Passphrase,
}

/// <summary>Tells prompts apart: a secret goes out only where its own kind is asked for.</summary>
internal static class Prompt
{
    /// <summary>PAM asks in the server's language; ssh itself always in English.</summary>
    private static readonly string[] PasswordWords =
    [
        "password",
        "passwort",
        "kennwort",
        "mot de passe",
        "contraseña",
        "senha",
        "wachtwoord",
        "lösenord",
        "adgangskode",
        "passord",
        "salasana",
        "hasło",
        "heslo",
        "jelszó",
        "parola",
        "пароль",
        "κωδικός",
        "şifre",
        "密码",
        "密碼",
        "パスワード",
        "암호",
    ];

    private static readonly string[] OtherWords =
    [
        "continue connecting",
        "fingerprint",
        "yes/no",
        "verification",
        "one-time",
        "otp",
        "token",
        "passcode",
        "new ",
        "retype",
        "expired",
    ];

    public static PromptKind Classify(string prompt)
    {
        // What stands in brackets or before 's is a name of the admin's choice and may hold any word.
        var question =
            prompt.StartsWith('(') && prompt.IndexOf(") ", StringComparison.Ordinal) is var end and > 0 ? prompt[(end + 2)..] : prompt;
        if (question.EndsWith("'s password: ", StringComparison.Ordinal) || question.EndsWith("'s password:", StringComparison.Ordinal))
            return PromptKind.Password;

        if (question.StartsWith("Enter passphrase for ", StringComparison.Ordinal))
            return PromptKind.Passphrase;

        if (OtherWords.Any(word => question.Contains(word, StringComparison.OrdinalIgnoreCase)))
            return PromptKind.Unknown;

        return PasswordWords.Any(word => question.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? PromptKind.Password
            : PromptKind.Unknown;
    }
}
