using System.Management.Automation;
using System.Net;
using System.Security;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Files;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that takes what is needed to log in to a source. All of it stays in memory.</summary>
public abstract class SourceAccessCmdlet : P2VCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CredentialCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public PSCredential? Credential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("IdentityFile")]
    [CellTransformation(typeof(string))]
    public string? KeyFile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public SecureString? Key { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public SecureString? KeyPassphrase { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchCellTransformation]
    public SwitchParameter UseSshAgent { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CredentialCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public PSCredential? SudoCredential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CredentialCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public PSCredential? JumpCredential { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [CellTransformation(typeof(string))]
    public string? JumpKeyFile { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public SecureString? JumpKey { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecretCell]
    [ArgumentCompleter(typeof(NoCompleter))]
    public SecureString? JumpKeyPassphrase { get; set; }

    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        GivenValues.ThrowIfEmpty(this, OnPipeline(() => new Dictionary<string, object>(MyInvocation.BoundParameters)));
        return Task.CompletedTask;
    }

    /// <summary>The secrets that were given; null when none were.</summary>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    internal SourceSecrets? ReadSecrets()
    {
        var password = PasswordOf(Credential);
        var key = ReadKey(Key, nameof(Key), KeyFile, nameof(KeyFile));
        if (password is null && key is null && !UseSshAgent)
            return null;
        var jumpPassword = PasswordOf(JumpCredential);
        var jumpKey = ReadKey(JumpKey, nameof(JumpKey), JumpKeyFile, nameof(JumpKeyFile));
        return new SourceSecrets
        {
            Password = password,
            PrivateKey = key,
            Certificate = ReadCertificate(KeyFile),
            Passphrase = PlainText(KeyPassphrase),
            UsesSshAgent = UseSshAgent,
            // sudo asks for the password of the user who logged in, unless told otherwise.
            SudoPassword = PasswordOf(SudoCredential) ?? password,
            JumpHost =
                jumpPassword is null && jumpKey is null && !UseSshAgent
                    ? null
                    : new SourceSecrets
                    {
                        Password = jumpPassword,
                        PrivateKey = jumpKey,
                        Certificate = ReadCertificate(JumpKeyFile),
                        Passphrase = PlainText(JumpKeyPassphrase),
                        UsesSshAgent = UseSshAgent,
                        AreForJumpHosts = true,
                    },
        };
    }

    /// <summary>The key's text, as a vault gives it, or of its file.</summary>
    private string? ReadKey(SecureString? key, string keyName, string? path, string pathName)
    {
        if (PlainText(key) is not { } text)
            return path is null ? null : ReadFile(ResolvePath(path));

        return path is null
            ? text
            : throw new P2VException(
                ErrorIds.SourceKeyUnreadable,
                $"-{keyName} and -{pathName} both give a private key.",
                $"Leave out -{keyName} or -{pathName}."
            );
    }

    /// <summary>Where OpenSSH looks for it, too.</summary>
    private string? ReadCertificate(string? keyPath)
    {
        if (keyPath is null)
            return null;
        var file = ResolvePath(keyPath) + "-cert.pub";
        return File.Exists(file) ? ReadFile(file) : null;
    }

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (FileFailure.IsOne(e))
        {
            throw FileFailure.ToError(
                e,
                ErrorIds.SourceKeyUnreadable,
                file,
                "read the key file",
                "Give the path of a private key of OpenSSH, PEM or PuTTY that this user may read."
            );
        }
    }

    private static string? PasswordOf(PSCredential? credential) => PlainText(credential?.Password);

    /// <summary>An empty password is none: a credential may be there for its user name only.</summary>
    private static string? PlainText(SecureString? text) =>
        text is null || text.Length == 0 ? null : new NetworkCredential(string.Empty, text).Password;
}
