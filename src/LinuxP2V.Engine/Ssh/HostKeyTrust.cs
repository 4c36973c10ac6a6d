using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Ssh;

/// <summary>Decides about a host's key before a secret is sent.</summary>
internal abstract class HostKeyTrust
{
    /// <summary>Two with the same rule decide alike.</summary>
    public abstract string Rule { get; }

    /// <summary>Key algorithms that the host is known by, to be negotiated first: another of its keys is not a changed one.</summary>
    public virtual IReadOnlyList<string> KnownAlgorithms => [];

    /// <summary>Whether a refusal may be of this one key only, so that the host's other keys are worth asking for.</summary>
    public virtual bool TriesOtherKeys => false;

    /// <summary>Whether a certificate may vouch for the host's key.</summary>
    public virtual bool TakesCertificates => false;

    /// <summary>Whether a certificate, whose signature and time are checked, vouches for its key at this host.</summary>
    public virtual bool IsVouchedFor(HostCertificate certificate, string host, int port) => false;

    /// <returns>Null when the key is accepted, else what to tell.</returns>
    public abstract P2VException? Check(HostKey key, string host, int port);
}

/// <summary>The key is given, as the helper announced it.</summary>
internal sealed class ExactKeyTrust(string hostKey) : HostKeyTrust
{
    private readonly string[] expected = hostKey.Split(' ');

    public override string Rule => hostKey;

    public override IReadOnlyList<string> KnownAlgorithms => [expected[0]];

    public override P2VException? Check(HostKey key, string host, int port) =>
        expected.Length >= 2 && key.Algorithm == expected[0] && key.Base64 == expected[1]
            ? null
            : new P2VException(
                ErrorIds.HelperHostKeyMismatch,
                $"The machine that answers at {host}:{port} has the key {key.Fingerprint} ({key.Algorithm}); "
                    + $"the helper announced {new HostKey(expected[0], expected.Length > 1 ? expected[1] : "").Fingerprint}.",
                "Another machine uses the helper's address, or the connection is redirected: "
                    + "check for an address conflict, then resume the conversion.",
                host
            );
}

/// <summary>The fingerprint is given by the admin; nothing is read from or written to known_hosts.</summary>
internal sealed class FingerprintTrust(string fingerprint) : HostKeyTrust
{
    private readonly string expected = Normalize(fingerprint);

    public override string Rule => expected;

    public override bool TriesOtherKeys => true;

    public override P2VException? Check(HostKey key, string host, int port) =>
        string.Equals(key.Fingerprint, expected, StringComparison.Ordinal)
            ? null
            : new P2VException(
                ErrorIds.SourceHostKeyChanged,
                $"The host key of {host}:{port} is {key.Fingerprint} ({key.Algorithm}), not the {expected} that was given.",
                "Compare with 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' on the machine itself. "
                    + "If it differs there too, something between answers in its place.",
                host
            );

    private static string Normalize(string value)
    {
        var text = value.Trim().TrimEnd('=');
        return text.StartsWith("SHA256:", StringComparison.OrdinalIgnoreCase) ? "SHA256:" + text.Substring(7) : "SHA256:" + text;
    }
}

/// <summary>The key must be in known_hosts, or is written there when new ones are accepted.</summary>
internal sealed class KnownHostsTrust : HostKeyTrust
{
    private readonly string writePath;
    private readonly bool acceptNew;
    private readonly IEngineConsole console;
    private readonly string name;
    private readonly KnownHostKeys known;
    private readonly KnownHostKeys withoutPort;

    /// <param name="path">Null: the user's own file, and the machine's to read.</param>
    public KnownHostsTrust(string? path, bool acceptNew, string host, int port, IEngineConsole console)
    {
        writePath = path ?? UserFolders.Current.KnownHosts;
        string[] paths = path is null && UserFolders.Current.MachineKnownHosts is { } machine ? [writePath, machine] : [writePath];
        this.acceptNew = acceptNew;
        this.console = console;
        name = KnownHosts.NameOf(host, port);
        try
        {
            known = KnownHosts.Find(paths, name);
            // As OpenSSH: a bare name vouches for the same key on another port, but does not contradict one.
            withoutPort = port == 22 ? KnownHostKeys.None : KnownHosts.Find(paths, KnownHosts.NameOf(host, 22));
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            throw new P2VException(
                ErrorIds.SourceHostKeyUnknown,
                $"The known host keys cannot be read: {exception.Message}",
                "Make the file readable for you, or name another one.",
                host,
                exception
            );
        }
    }

    public override string Rule => $"{writePath} {acceptNew}";

    public override bool TakesCertificates => Authorities.Any();

    // As OpenSSH: for another port the bare name vouches, too.
    private IEnumerable<HostKey> Authorities => known.Authorities.Concat(withoutPort.Authorities);

    private IEnumerable<HostKey> Revoked => known.Revoked.Concat(withoutPort.Revoked);

    public override bool IsVouchedFor(HostCertificate certificate, string host, int port) =>
        Authorities.Any(authority => authority.Base64 == certificate.Authority.Base64)
        && !Revoked.Any(revoked => revoked.Base64 == certificate.Authority.Base64 || revoked.Base64 == certificate.Key.Base64)
        && certificate.IsFor(host);

    public override IReadOnlyList<string> KnownAlgorithms =>
        [.. known.Trusted.Concat(withoutPort.Trusted).Select(key => key.Algorithm).Distinct()];

    public override P2VException? Check(HostKey key, string host, int port)
    {
        if (Revoked.Any(revoked => revoked.Base64 == key.Base64))
        {
            return new P2VException(
                ErrorIds.SourceHostKeyChanged,
                $"The host key {key.Fingerprint} ({key.Algorithm}) of {host}:{port} is marked as revoked in known_hosts.",
                "Give the machine new host keys: somebody else may hold this one.",
                host
            );
        }

        if (known.Trusted.Concat(withoutPort.Trusted).Any(trusted => trusted.Base64 == key.Base64))
            return null;

        if (known.Trusted.Count > 0)
        {
            var expected = known.Trusted.FirstOrDefault(trusted => trusted.Algorithm == key.Algorithm) ?? known.Trusted[0];
            return new P2VException(
                ErrorIds.SourceHostKeyChanged,
                $"The host key of {host}:{port} has changed: it is {key.Fingerprint} ({key.Algorithm}), "
                    + $"known_hosts has {expected.Fingerprint} ({expected.Algorithm}).",
                $"If the machine was installed anew, run 'ssh-keygen -R {name}' and try again. "
                    + "If not, something between answers in its place.",
                host
            );
        }

        if (!acceptNew)
        {
            return new P2VException(
                ErrorIds.SourceHostKeyUnknown,
                $"The host key of {host}:{port} is not known: {key.Fingerprint} ({key.Algorithm}).",
                $"Compare it with 'ssh-keygen -lf' on the machine itself, then use -HostKeyFingerprint {key.Fingerprint}, "
                    + "or -HostKeyPolicy AcceptNew to take keys as they come the first time.",
                host
            );
        }

        return Remember(key, host);
    }

    private P2VException? Remember(HostKey key, string host)
    {
        try
        {
            KnownHosts.Append(writePath, name, key);
            console.Verbose($"{host}: accepted the new host key {key.Fingerprint} ({key.Algorithm}) and added it to known_hosts.");
            return null;
        }
        catch (Exception exception) when (FileFailure.IsOne(exception))
        {
            return new P2VException(
                ErrorIds.SourceHostKeyUnknown,
                $"The host key {key.Fingerprint} of {host} is new and cannot be remembered: {exception.Message}",
                $"Make known_hosts writable for you, or use -HostKeyFingerprint {key.Fingerprint}.",
                host,
                exception
            );
        }
    }
}
