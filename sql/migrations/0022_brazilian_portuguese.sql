-- The Portuguese of mails is that of Brazil, and is called so. Mails keep what they were written with: it is read as this.

UPDATE account SET language = 'pt-BR' WHERE language = 'pt';
