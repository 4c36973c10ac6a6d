using System.IO.Pipes;
using System.Net.Sockets;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Ssh;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace LinuxP2V.Engine.Ssh;

/// <summary>
/// The user's running ssh-agent: its keys log in, and never leave it. On Windows it is the agent of OpenSSH, else Pageant, or
/// any other whose pipe SSH_AUTH_SOCK names.
/// </summary>
internal sealed class SshAgent(string address)
{
    private const string AddressVariable = "SSH_AUTH_SOCK";
    private const string PipePrefix = @"\\.\pipe\";
    private const string WindowsAddress = PipePrefix + "openssh-ssh-agent";

    /// <summary>Bytes, as ssh-agent's own limit.</summary>
    private const int LongestMessage = 256 << 10;

    private const byte ListKeys = 11;
    private const byte KeyList = 12;
    private const byte SignData = 13;
    private const byte Signature = 14;

    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(20);

    /// <summary>An agent may ask its user, or for a touch of a token.</summary>
    private static readonly TimeSpan SignTimeout = TimeSpan.FromMinutes(2);

    /// <exception cref="P2VException">SourceKeyUnreadable: there is no agent, or it holds no key.</exception>
    public static IPrivateKeySource ReadKeys(string host)
    {
        var address = Environment.GetEnvironmentVariable(AddressVariable);
        var isWindows = Path.DirectorySeparatorChar == '\\';
        if (string.IsNullOrEmpty(address))
            address = isWindows ? ChoosePipe(ListPipes(), Environment.UserName) : null;

        if (address is null)
        {
            throw Unusable(
                $"There is no ssh-agent: {AddressVariable} is not set"
                    + (isWindows ? ", and neither OpenSSH's agent nor Pageant runs for this user." : "."),
                "Start ssh-agent, or Pageant of PuTTY 0.77 or later, and add a key to it; or give -KeyFile.",
                host,
                null
            );
        }

        try
        {
            var keys = new SshAgent(address).Keys();
            return keys.HostKeyAlgorithms.Count > 0
                ? keys
                : throw Unusable($"The ssh-agent at {address} holds no key.", "Add one with ssh-add, or give -KeyFile.", host, null);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Unusable(
                $"The ssh-agent at {address} does not answer: {exception.Message}",
                "Start ssh-agent and add a key with ssh-add, or give -KeyFile.",
                host,
                exception
            );
        }
    }

    /// <summary>OpenSSH's agent where it runs, else Pageant of this user, which adds random letters to its name.</summary>
    /// <param name="pipes">Full names of the pipes that are there.</param>
    /// <returns>Null where neither runs.</returns>
    internal static string? ChoosePipe(IReadOnlyCollection<string> pipes, string user) =>
        pipes.FirstOrDefault(pipe => string.Equals(pipe, WindowsAddress, StringComparison.OrdinalIgnoreCase))
        ?? pipes.FirstOrDefault(pipe => pipe.StartsWith($"{PipePrefix}pageant.{user}.", StringComparison.OrdinalIgnoreCase));

    private static string[] ListPipes()
    {
        try
        {
            return Directory.GetFiles(PipePrefix);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A pipe may have a name that is no path. OpenSSH's is asked for by its name.
            return [WindowsAddress];
        }
    }

    private static bool IsFailure(Exception exception) =>
        exception
            is IOException
                or InvalidDataException
                or SocketException
                or TimeoutException
                or UnauthorizedAccessException
                or OperationCanceledException
                or PlatformNotSupportedException;

    private AgentKeys Keys()
    {
        var fields = new SshFields(Ask([ListKeys], KeyList, ListTimeout));
        var algorithms = new List<HostAlgorithm>();
        for (var left = fields.Number(); left > 0; left--)
        {
            var blob = fields.Bytes();
            _ = fields.Bytes();
            algorithms.AddRange(Algorithms(new SshFields(blob).Text()).Select(one => new AgentKey(one.Name, blob, one.Flags, this)));
        }

        return new AgentKeys(algorithms);
    }

    /// <summary>An RSA key serves several signature algorithms, the last of them for old servers; any other key one.</summary>
    private static IEnumerable<(string Name, uint Flags)> Algorithms(string keyType)
    {
        if (!keyType.StartsWith("ssh-rsa", StringComparison.Ordinal))
            return [(keyType, 0)];

        var rest = keyType.Substring("ssh-rsa".Length);
        return [("rsa-sha2-512" + rest, 4), ("rsa-sha2-256" + rest, 2), ("ssh-rsa" + rest, 0)];
    }

    /// <exception cref="IOException">It refused, or is gone.</exception>
    private byte[] Sign(byte[] key, byte[] data, uint flags)
    {
        byte[] question = [SignData, .. SshFields.Encode(key), .. SshFields.Encode(data), .. SshFields.Encode(flags)];
        return new SshFields(Ask(question, Signature, SignTimeout)).Bytes();
    }

    /// <returns>What follows the kind of the answer.</returns>
    private byte[] Ask(byte[] question, byte wanted, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        // A pipe of Windows takes no token while it reads: it is closed then.
        using var stream = ConnectAsync(limit.Token).GetAwaiter().GetResult();
        using var end = limit.Token.Register(stream.Dispose);
        var message = SshFields.Encode(question);
        stream.Write(message, 0, message.Length);
        stream.Flush();
        var length = new SshFields(Read(stream, 4)).Number();
        if (length is 0 or > LongestMessage)
            throw new InvalidDataException("its answer is no message");

        var answer = Read(stream, (int)length);
        return answer[0] == wanted ? [.. answer.Skip(1)] : throw new IOException("it refused");
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        if (!address.StartsWith(PipePrefix, StringComparison.OrdinalIgnoreCase))
            return await UnixSocket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);

        var pipe = new NamedPipeClientStream(".", address.Substring(PipePrefix.Length), PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await pipe.ConnectAsync(2000, cancellationToken).ConfigureAwait(false);
            return pipe;
        }
        catch
        {
            pipe.Dispose();
            throw;
        }
    }

    private static byte[] Read(Stream stream, int count)
    {
        var bytes = new byte[count];
        var at = 0;
        while (at < count)
        {
            var read = stream.Read(bytes, at, count - at);
            at += read > 0 ? read : throw new EndOfStreamException("it closed the connection");
        }

        return bytes;
    }

    private static P2VException Unusable(string cause, string remedy, string host, Exception? exception) =>
        new(ErrorIds.SourceKeyUnreadable, cause, remedy, host, exception);

    private sealed class AgentKeys(IReadOnlyCollection<HostAlgorithm> algorithms) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => algorithms;
    }

    /// <param name="blob">The public half.</param>
    private sealed class AgentKey(string name, byte[] blob, uint flags, SshAgent agent) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data) => agent.Sign(blob, data, flags);

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException();
    }
}
