using System.Management.Automation;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets;

/// <summary>
/// A failure of one of the module's cmdlets, for "catch" in a script: the engine's own types have no names there. Types below
/// it say of which kind it is.
/// </summary>
public class P2VCommandException : Exception
{
    private protected P2VCommandException(P2VException failure)
        : base(failure.Message, failure.InnerException)
    {
        ErrorId = failure.ErrorId;
        Remedy = failure.Remedy;
    }

    /// <summary>As the error record has it, without the cmdlet's name.</summary>
    public string ErrorId { get; }

    /// <summary>What the admin does about it.</summary>
    public string Remedy { get; }

    internal static P2VCommandException Of(P2VException failure, ErrorCategory category) =>
        category switch
        {
            ErrorCategory.ConnectionError => new P2VConnectionException(failure),
            ErrorCategory.AuthenticationError or ErrorCategory.PermissionDenied => new P2VAccessException(failure),
            ErrorCategory.SecurityError => new P2VSecurityException(failure),
            ErrorCategory.ObjectNotFound => new P2VNotFoundException(failure),
            ErrorCategory.InvalidArgument => new P2VArgumentException(failure),
            _ => new P2VCommandException(failure),
        };
}

/// <summary>A machine or server cannot be reached, or is not connected.</summary>
public sealed class P2VConnectionException : P2VCommandException
{
    internal P2VConnectionException(P2VException failure)
        : base(failure) { }
}

/// <summary>A login was refused, or its account may not do what is asked.</summary>
public sealed class P2VAccessException : P2VCommandException
{
    internal P2VAccessException(P2VException failure)
        : base(failure) { }
}

/// <summary>A host key, a certificate or the helper image is not the one that is trusted.</summary>
public sealed class P2VSecurityException : P2VCommandException
{
    internal P2VSecurityException(P2VException failure)
        : base(failure) { }
}

/// <summary>What was named does not exist.</summary>
public sealed class P2VNotFoundException : P2VCommandException
{
    internal P2VNotFoundException(P2VException failure)
        : base(failure) { }
}

/// <summary>A value cannot be what is meant.</summary>
public sealed class P2VArgumentException : P2VCommandException
{
    internal P2VArgumentException(P2VException failure)
        : base(failure) { }
}
