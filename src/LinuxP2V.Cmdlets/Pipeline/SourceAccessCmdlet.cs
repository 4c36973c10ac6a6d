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
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter]
    [Alias("IdentityFile")]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    [Parameter]
    public SecureString? KeyPassphrase { get; set; }

    [Parameter]
    public SwitchParameter UseSshAgent { get; set; }

    [Parameter]
    [Credential]
    public PSCredential? SudoCredential { get; set; }

    [Parameter]
    [Credential]
    public PSCredential? JumpCredential { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? JumpKeyFile { get; set; }

    [Parameter]
    public SecureString? JumpKeyPassphrase { get; set; }

    /// <summary>The secrets that were given; null when none were.</summary>
    /// <exception cref="P2VException">SourceKeyUnreadable.</exception>
    internal SourceSecrets? ReadSecrets()
    {
        var password = PasswordOf(Credential);
        var key = ReadKey(KeyFile);
        if (password is null && key is null && !UseSshAgent)
            return null;
        var jumpPassword = PasswordOf(JumpCredential);
        var jumpKey = ReadKey(JumpKeyFile);
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

    private string? ReadKey(string? path) => path is null ? null : ReadFile(ResolvePath(path));

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
