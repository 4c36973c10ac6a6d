using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Ssh;
using LinuxP2V.Protocol.Messages;
using LinuxP2V.Protocol.Ssh;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace LinuxP2V.Engine.Helpers;

/// <summary>
/// Signs the helper's logins with keys that stay here. A helper in wrong hands gets a signature for nothing but a login to the
/// conversion's own machines, as the user of the task: the machine proves with its host key that the session is its own.
/// </summary>
internal sealed class LoginSigner : IDisposable
{
    private const byte LoginRequest = 50;

    private static readonly string[] Methods = ["publickey", "publickey-hostbound-v00@openssh.com"];

    private readonly SourceSecrets secrets;
    private readonly SourceEndpoint source;
    private List<Hop>? hops;

    public LoginSigner(SourceSecrets secrets, SourceEndpoint source) => (this.secrets, this.source) = (secrets, source);

    /// <summary>There is a key for a machine on the way.</summary>
    public bool HasKeys => Logins().Any(login => login.Secrets.PrivateKey is { Length: > 0 } || login.Secrets.UsesSshAgent);

    /// <summary>The key that is asked for is one of ours.</summary>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    public bool Knows(SignatureNeededEvent question) =>
        Hops().Exists(hop => hop.Key.HostKeyAlgorithms.Any(algorithm => Convert.ToBase64String(algorithm.Data) == question.PublicKey));

    /// <returns>In base64.</returns>
    /// <exception cref="InvalidDataException">It is not signed; the message says why.</exception>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    public string Sign(SignatureNeededEvent question)
    {
        try
        {
            var data = Convert.FromBase64String(question.Data);
            var login = Login.Read(data);
            var hop =
                Hops().Find(candidate => candidate.IsFor(question, login))
                ?? throw new InvalidDataException("it is for no machine, user and key of this conversion");
            if (!HasSigned(question.HostKey, question.HostSignature, login.SessionId))
                throw new InvalidDataException($"{hop.Endpoint} did not prove that the login is for it");

            return Convert.ToBase64String(hop.Algorithm(login.PublicKey, question.Flags).Sign(data));
        }
        catch (FormatException exception)
        {
            throw new InvalidDataException("its bytes are no base64", exception);
        }
    }

    public void Dispose() => hops?.ForEach(hop => (hop.Key as IDisposable)?.Dispose());

    /// <summary>Read when they are wanted for the first time: a copy that only has to be finished needs no source.</summary>
    private List<Hop> Hops() =>
        hops ??= [
            .. Logins()
                .Select(login => (login.Machine, Key: SshPrivateKey.Find(login.Secrets, login.Machine.Host)))
                .Where(login => login.Key is not null)
                .Select(login => new Hop(login.Machine, login.Key!)),
        ];

    /// <summary>The source, and the machines on the way to it that there is a login for.</summary>
    private IEnumerable<(SourceEndpoint Machine, SourceSecrets Secrets)> Logins()
    {
        var (machine, login) = ((SourceEndpoint?)source, (SourceSecrets?)secrets);
        while (machine is not null && login is not null)
        {
            yield return (machine, login);
            login = login.JumpHost ?? (login.AreForJumpHosts ? login : null);
            machine = machine.JumpHost;
        }
    }

    private static bool HasSigned(string hostKey, string signature, byte[] sessionId)
    {
        try
        {
            var blob = Convert.FromBase64String(signature);
            var name = new SshFields(blob).Text();
            using var none = new NoneAuthenticationMethod("none");
            return new ConnectionInfo("none", "none", none).HostKeyAlgorithms.TryGetValue(name, out var create)
                && create(Convert.FromBase64String(hostKey)).VerifySignature(sessionId, blob);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A library may throw anything for a signature of another kind: it is no proof.
            return false;
        }
    }

    private sealed record Hop(SourceEndpoint Endpoint, IPrivateKeySource Key)
    {
        public bool IsFor(SignatureNeededEvent question, Login login) =>
            login.User == Endpoint.User
            && question.PublicKey == login.PublicKey
            && Endpoint.HostKeys.Any(key => key.EndsWith($" {question.HostKey}", StringComparison.Ordinal))
            && Key.HostKeyAlgorithms.Any(algorithm => Convert.ToBase64String(algorithm.Data) == login.PublicKey);

        /// <summary>
        /// An RSA key serves several algorithms. That with SHA-1 is all that servers before OpenSSH 7.2 know: the source's host
        /// key has signed what the data begins with, so a collision is of no use.
        /// </summary>
        public HostAlgorithm Algorithm(string publicKey, int flags)
        {
            var ofKey = Key.HostKeyAlgorithms.Where(algorithm => Convert.ToBase64String(algorithm.Data) == publicKey).ToList();
            var type = HostKey.FromBlob(ofKey[0].Data).Algorithm;
            if (!type.StartsWith("ssh-rsa", StringComparison.Ordinal))
                return ofKey[0];

            var hash =
                (flags & 4) != 0 ? "rsa-sha2-512"
                : (flags & 2) != 0 ? "rsa-sha2-256"
                : "ssh-rsa";
            return ofKey.Find(algorithm => algorithm.Name.StartsWith(hash, StringComparison.Ordinal))
                ?? throw new InvalidDataException($"the key does not sign by {hash}");
        }
    }

    /// <summary>What a client signs to log in, RFC 4252 section 7.</summary>
    private sealed record Login(byte[] SessionId, string User, string PublicKey)
    {
        /// <exception cref="InvalidDataException">It is something else.</exception>
        public static Login Read(byte[] data)
        {
            var fields = new SshFields(data);
            var session = fields.Bytes();
            var (kind, user, service, method) = (fields.Byte(), fields.Text(), fields.Text(), fields.Text());
            if (kind != LoginRequest || service != "ssh-connection" || !Methods.Contains(method) || fields.Byte() == 0)
                throw new InvalidDataException("it is no login by public key");

            _ = fields.Text();
            return new Login(session, user, Convert.ToBase64String(fields.Bytes()));
        }
    }
}
